"""One connection to a kube-apiserver."""
import http.client
import json
import ssl


class Api:
    """Not for several threads. Raises OSError when the server cannot be reached."""

    def __init__(self, port, ca, token):
        context = ssl.create_default_context(cafile=ca)
        self.conn = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
        self.headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json",
                        "Accept": "application/json"}

    def request(self, method, path, body=None):
        """The status and the body."""
        text = None if body is None else json.dumps(body)
        try:
            self.conn.request(method, path, text, self.headers)
            answer = self.conn.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as e:
            self.conn.close()
            raise OSError("no answer: %r" % e) from e
        except OSError:
            self.conn.close()
            raise

    def close(self):
        self.conn.close()
