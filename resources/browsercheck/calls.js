// What calls need of a browser: the interfaces, the devices, and ways for audio. Asks nobody
// for a permission.

const LOOKING_MS = 2500;

// Some systems never answer when they are asked for their devices.
function soon(promise) {
  const late = new Promise((_, reject) => setTimeout(reject, LOOKING_MS, new Error("no answer")));
  return Promise.race([promise, late]);
}

export async function lookAtDevices(instance) {
  const devices = navigator.mediaDevices;
  const step = {
    step: "devices",
    instance,
    peer_connection: typeof RTCPeerConnection === "function",
    microphone_api: typeof devices?.getUserMedia === "function",
    permission: "",
    microphones: 0,
    speakers: 0,
  };
  try {
    step.permission = (await soon(navigator.permissions.query({ name: "microphone" }))).state;
  } catch {
    // older browsers do not tell
  }
  try {
    const found = await soon(devices.enumerateDevices());
    step.microphones = found.filter((device) => device.kind === "audioinput").length;
    step.speakers = found.filter((device) => device.kind === "audiooutput").length;
  } catch {
    // no such interface (microphone_api says so), or no answer
  }
  return step;
}

// RFC 8839, 5.1: foundation, component, protocol, priority, address, port, "typ", kind
function parse(line) {
  const parts = line.split(" ");
  return { kind: parts[7], protocol: (parts[2] ?? "").toLowerCase(), address: parts[4] };
}

const MOST_CANDIDATES = 64;
const MOST_ERRORS = 16;
const AFTER_PUBLIC_MS = 700;

// The deadline is ours: where all UDP is dropped Chromium goes on for longer than anyone waits.
export function gatherWays(instance, iceServers, deadlineMs) {
  const started = performance.now();
  const candidates = [];
  const errors = [];
  const connection = new RTCPeerConnection({ iceServers });
  return new Promise((resolve) => {
    const end = (complete) => {
      connection.onicecandidate = connection.onicecandidateerror = null;
      connection.onicegatheringstatechange = null;
      connection.close();
      resolve({
        step: "gathering",
        instance,
        candidates: candidates.slice(0, MOST_CANDIDATES),
        errors: errors.slice(0, MOST_ERRORS),
        complete,
        duration_ms: Math.min(performance.now() - started, 60000),
      });
    };
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) {
        return;
      }
      const found = parse(candidate.candidate);
      candidates.push(found);
      if (found.kind === "srflx" && found.protocol === "udp") {
        setTimeout(end, AFTER_PUBLIC_MS, true);
      }
    };
    connection.onicecandidateerror = (event) => {
      errors.push({
        code: event.errorCode ?? 0,
        url: String(event.url ?? "").slice(0, 200),
        text: String(event.errorText ?? "").slice(0, 200),
      });
    };
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === "complete") {
        end(true);
      }
    };
    setTimeout(end, deadlineMs, false);
    connection.createDataChannel("natwizard");
    connection
      .createOffer()
      .then((offer) => connection.setLocalDescription(offer))
      .catch((error) => {
        errors.push({ code: 0, url: "", text: `${error.name}: ${error.message}`.slice(0, 200) });
        end(false);
      });
  });
}

// Whatever the server answers will do: only the handshake before it matters.
export async function reachSecurely(instance, address, deadlineMs) {
  const started = performance.now();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), deadlineMs);
  let reached = false;
  try {
    await fetch(address, {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: controller.signal,
    });
    reached = true;
  } catch {
    // no way there, no trust, no common version: a page is not told which
  }
  clearTimeout(timer);
  const duration_ms = Math.min(performance.now() - started, 60000);
  return { step: "secure", instance, reached, duration_ms };
}

export function openSocket(instance, address, deadlineMs) {
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (opened, code) =>
      resolve({
        step: "websocket",
        instance,
        opened,
        close_code: code,
        duration_ms: Math.min(performance.now() - started, 60000),
      });
    let socket;
    try {
      socket = new WebSocket(address);
    } catch {
      end(false, 0);
      return;
    }
    const timer = setTimeout(() => {
      end(false, 0);
      socket.close();
    }, deadlineMs);
    socket.onopen = () => {
      clearTimeout(timer);
      end(true, 0);
      socket.close();
    };
    socket.onclose = (event) => {
      clearTimeout(timer);
      end(false, event.code);
    };
  });
}
