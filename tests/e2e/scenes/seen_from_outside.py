"""What the server shows of itself: metrics, health and readiness, and nobody's name."""
import http.client
import json
import re
import shutil
import subprocess
import unittest

from world import Scene, Server, group

SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z_]+)="((?:[^"\\]|\\.)*)"\})? (\S+)')


def parsed(page):
    """{name: (type, help, {label: value})}, and a complaint for every breach of the text format or of promtool's lint."""
    families, complaints, current = {}, [], None
    for line in page.split("\n")[:-1]:
        if line.startswith("# HELP "):
            _, _, current, text = line.split(" ", 3)
            if current in families:
                complaints.append(f"{current}: twice")
            families[current] = [None, text, {}]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ", 3)
            if name != current or families[name][2]:
                complaints.append(f"{name}: TYPE out of place")
            families[name][0] = kind
        elif (sample := SAMPLE.fullmatch(line)):
            name, label, value, number = sample.groups()
            float(number)
            if name not in (current, f"{current}_bucket", f"{current}_sum", f"{current}_count"):
                complaints.append(f"{name}: outside its family")
            key = (name, label, value)
            if key in families[current][2]:
                complaints.append(f"{line}: twice")
            families[current][2][key] = float(number)
        else:
            complaints.append(f"no line of the format: {line!r}")
    for name, (kind, text, samples) in families.items():
        complaints += lint(name, kind, text, samples)
    return families, complaints


def lint(name, kind, text, samples):
    if kind not in ("counter", "gauge", "histogram"):
        yield f"{name}: type {kind}"
    if (kind == "counter") != name.endswith("_total"):
        yield f"{name}: a counter, and nothing else, ends in _total"
    if not text or not samples:
        yield f"{name}: no help or no sample"
    if kind == "histogram":
        counts = [value for (sample, _, _), value in samples.items() if sample == f"{name}_bucket"]
        if counts != sorted(counts) or (f"{name}_bucket", "le", "+Inf") not in samples:
            yield f"{name}: buckets do not ascend to +Inf"
        if counts[-1] != samples[f"{name}_count", None, None] or (f"{name}_sum", None, None) not in samples:
            yield f"{name}: count and sum"


class SeenFromOutside(Scene):
    def served(self, *flags):
        server = Server(self, "server", flags=("--allow-insecure-auth", "--metrics-listen", "127.0.0.1:0", *flags))
        server.start()
        told = server.program.await_line(r"http://127\.0\.0\.1:(\d+)/metrics", stream=server.program.err)
        self.port = int(told[1])
        return server

    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def metrics(self):
        status, page = self.get("/metrics")
        self.assertEqual(status, 200)
        families, complaints = parsed(page)
        self.assertEqual(complaints, [])
        return families

    def value(self, families, name, label=None, value=None, sample=None):
        return families[name][2][sample or name, label, value]

    def test_a_conversation_is_counted_and_nobody_is_named(self):
        server = self.served()
        alice, bob = self.people(server, "alice", "bob")
        room = group(alice, "canaryroom", bob)
        his = bob.talk()
        his.say(f"/switch {room}")
        alice.send(room, "a canary in the coal mine")
        his.await_message("a canary in the coal mine")
        self.stranger("alice", server, folder="alice's laptop").run("login", "alice", "--accept-new-server")
        thief = self.stranger("alice", server, password="password1", folder="thief")
        thief.refused(4, "login", "alice", "--accept-new-server")

        families = self.metrics()
        for name in ("enqueue_total", "enqueue_bytes_total", "fetch_wait_total", "key_package_upload_total",
                     "qpq_registrations_total", "qpq_pushed_entries_total"):
            self.assertGreater(self.value(families, name), 0, name)
        for name in ("fetch_total", "auth_login_success_total", "rate_limit_hit_total", "delivery_queue_depth"):
            self.assertIn(name, families)
        self.assertEqual(self.value(families, "auth_login_failure_total"), 1)
        for name in ("qpq_append_seconds", "qpq_push_seconds", "qpq_handshake_seconds", "qpq_login_seconds"):
            self.assertGreater(self.value(families, name, sample=f"{name}_count"), 0, name)
        limits = {label[2]: value for label, value in families["qpq_budget_limit"][2].items()}
        used = {label[2]: value for label, value in families["qpq_budget_used"][2].items()}
        self.assertEqual(limits.keys(), used.keys())
        for budget in ("connections", "half_open", "write_queue", "acknowledgements", "rates_messages"):
            self.assertGreater(limits[budget], 0)
            self.assertLessEqual(used[budget], limits[budget])
        self.assertGreaterEqual(used["connections"], 1)
        self.assertIn("qpq_build_info", families)
        his.finish()

        who = alice.ask("whoami")
        page = self.get("/metrics")[1]
        self.assertEqual(server.stop(), 0)
        log = server.program.err.text()
        self.assertIn("level=info", log)
        for word in ("alice", "bob", "canary", who["account"], who["device"], "correct horse", "password1"):
            self.assertNotIn(word, page)
            self.assertNotIn(word, log)

    @unittest.skipUnless(shutil.which("promtool"), "promtool (Debian: prometheus) is not installed")
    def test_promtool_has_nothing_to_say(self):
        self.served()
        page = self.get("/metrics")[1]
        checked = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_only_three_pages_are_there_to_be_read(self):
        self.served()
        self.assertEqual(self.get("/healthz"), (200, "ok\n"))
        self.assertEqual(self.get("/readyz"), (200, "ready\n"))
        for path in ("/", "/metrics/", "/etc/passwd"):
            self.assertEqual(self.get(path)[0], 404)
        self.assertEqual(self.get("/metrics", "DELETE")[0], 405)
        self.assertEqual(self.get("/metrics", "HEAD"), (200, ""))

    def test_a_port_that_is_taken_stops_a_server_only_if_it_was_named(self):
        self.served()
        taken = f"127.0.0.1:{self.port}"
        second = Server(self, "second", flags=("--metrics-listen", taken))
        with self.assertRaises(AssertionError):
            second.start()
        self.assertEqual(second.program.await_exit(), 1)
        self.assertIn(taken, second.program.err.text())
        for name in ("third", "fourth"):  # at the default port, which one of them has
            self.server(name)

    def test_the_log_is_one_line_an_event_in_the_format_asked_for(self):
        for wanted, read in (("json", json.loads), ("logfmt", self.logfmt)):
            server = self.server(wanted, flags=("--allow-insecure-auth", "--log-format", wanted))
            server.stop()
            lines = [read(line) for line in server.program.err.text().splitlines()]
            self.assertIn("listening", [line["msg"] for line in lines])
            self.assertTrue(all(line["time"].endswith("Z") and line["level"] for line in lines))
        quiet = self.server("quiet", flags=("--log-level", "error"))
        quiet.stop()
        self.assertEqual(quiet.program.err.text(), "")

    def logfmt(self, line):
        return {name: json.loads(value) if value.startswith('"') else value
                for name, value in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line)}

    def test_an_empty_address_shows_nothing(self):
        server = self.server(flags=("--allow-insecure-auth", "--metrics-listen", ""))
        server.stop()
        self.assertNotIn("metrics", server.program.err.text())


if __name__ == "__main__":
    unittest.main()
