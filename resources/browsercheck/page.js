// Runs the tests and posts each result as it comes; natwizard judges them, not this page.
import { gatherWays, lookAtDevices, openSocket, reachSecurely } from "./calls.js";
import { hello, instance } from "./hello.js";
import { measureRelay } from "./relay.js";
import { dropCookie, post, testSite } from "./site-data.js";

const COOKIE = "natwizard_own";
const ATTRIBUTES = "SameSite=Lax";
const FRAME_MS = 4000;
const WORDS = document.querySelector("main").dataset;

function show(row, sign) {
  const line = document.getElementById(`row-${row}`);
  line.dataset.sign = sign;
  line.querySelector("use").setAttribute("href", `#sign-${sign}`);
  line.querySelector(".word").textContent = line.dataset[sign] ?? WORDS[sign];
}

function tell(what) {
  document.getElementById("title").textContent = WORDS[what];
  document.getElementById("lead").textContent = WORDS[`${what}Lead`];
}

async function testOwn() {
  show("own", "running");
  const step = testSite(instance, { embedded: false, cookie: COOKIE, attributes: ATTRIBUTES });
  await post(step);
  dropCookie(COOKIE, ATTRIBUTES);
  const good = step.cookie.works && step.local.works && step.session.works;
  show("own", good ? "pass" : "fail");
}

function testEmbedded(address) {
  show("embedded", "running");
  const frame = document.createElement("iframe");
  frame.title = WORDS.frame;
  frame.hidden = true;
  frame.src = `${address}?instance=${instance}&around=${encodeURIComponent(location.origin)}`;
  const origin = new URL(address).origin;
  return new Promise((resolve) => {
    const end = (sign) => {
      window.removeEventListener("message", listen);
      clearTimeout(timer);
      show("embedded", sign);
      resolve();
    };
    const listen = (event) => {
      if (event.origin === origin && event.data?.natwizard === instance) {
        end(event.data.good ? "pass" : "fail");
      }
    };
    const timer = setTimeout(end, FRAME_MS, "unknown");
    window.addEventListener("message", listen);
    document.body.append(frame);
  });
}

async function testCalls(task) {
  show("devices", "running");
  const devices = await lookAtDevices(instance);
  await post(devices);
  show("devices", devices.peer_connection && devices.microphone_api ? "pass" : "fail");
  if (!devices.peer_connection) {
    show("gathering", "fail");
    return;
  }
  show("gathering", "running");
  const servers = task.stun.map((urls) => ({ urls }));
  if (task.turn) {
    servers.push(task.turn);
  }
  const ways = await gatherWays(instance, servers, task.gather_ms);
  await post(ways);
  const udp = ways.candidates.filter(({ protocol }) => protocol === "udp");
  const found = udp.some(({ kind }) => kind !== "host");
  show("gathering", found ? "pass" : udp.length > 0 ? "unknown" : "fail");
  if (task.turn) {
    await post(await measureRelay(instance, task.turn, task.gather_ms));
  }
}

async function testSocket(task) {
  if (task.websocket) {
    await post(await openSocket(instance, task.websocket, task.gather_ms));
  }
}

async function testSecure(task) {
  if (task.secure) {
    await post(await reachSecurely(instance, task.secure, task.gather_ms));
  }
}

let finished = false;
addEventListener("pagehide", () => {
  if (!finished) {
    navigator.sendBeacon("steps", JSON.stringify({ step: "closed", instance }));
  }
});

async function run() {
  const answer = await post(await hello());
  if (answer.status === 409) {
    finished = true;
    document.getElementById("rows").hidden = true;
    tell("twice");
    return;
  }
  const task = await answer.json();
  await testOwn();
  const tests = [testEmbedded(task.frame), testCalls(task), testSocket(task), testSecure(task)];
  await Promise.all(tests);
  await post({ step: "done", instance });
  finished = true;
  tell("done");
}

run().catch(() => {
  finished = true;
  tell("gone");
});
