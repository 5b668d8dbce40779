"""The control plane of a replay server: its journal and its faults."""

import json
import urllib.request


class Control:
    def __init__(self, url):
        self.url = url

    def _ask(self, name, content=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/_bedrock-wire/{name}", data=data)
        if data is not None:
            request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def journal(self):
        """What was asked and how it was answered, oldest first."""
        answer = self._ask("journal")
        assert answer["dropped"] == 0, answer["dropped"]
        return answer["requests"]

    def faults(self):
        return self._ask("faults")["faults"]

    def set_faults(self, *faults):
        return self._ask("faults", {"faults": list(faults)})["faults"]

    def reset(self):
        return self._ask("reset", {})

    def schema(self):
        return self._ask("schema")
