// Opens the microphone, and tells apart why a browser does not.

export class Trouble extends Error {
  constructor(kind, cause) {
    super(cause ? `${cause.name}: ${cause.message}` : "");
    this.kind = kind;
  }
}

async function permission() {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return ""; // older browsers do not tell
  }
}

// A browser gives one name to many causes; what it said before and says now tells them apart.
async function refusal(error, before) {
  const system = /system/i.test(error.message);
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      if (system) {
        return "system";
      }
      if (before === "denied") {
        return "blocked";
      }
      return /dismiss/i.test(error.message) ? "dismissed" : "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "not_found";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "other";
  }
}

// Throws Trouble: why there is none.
export async function openMicrophone(settings) {
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") {
    throw new Trouble("no_api");
  }
  if (typeof AudioWorkletNode !== "function") {
    throw new Trouble("no_worklet");
  }
  const before = await permission();
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: settings });
  } catch (error) {
    throw new Trouble(await refusal(error, before), error);
  }
}
