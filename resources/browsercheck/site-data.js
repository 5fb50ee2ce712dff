// What a page may keep: cookies, local and session storage. Cleans up after itself.

function attempt(work) {
  try {
    const works = work();
    return { works, error: "" };
  } catch (error) {
    return { works: false, error: `${error.name}: ${error.message}`.slice(0, 200) };
  }
}

// Both names of this computer count as safe, so a "Secure" cookie works without TLS.
export function setCookie(name, value, attributes) {
  const path = location.pathname.replace(/[^/]*$/, "");
  return attempt(() => {
    document.cookie = `${name}=${value}; Path=${path}; Max-Age=60; ${attributes}`;
    return document.cookie.split("; ").includes(`${name}=${value}`);
  });
}

export function dropCookie(name, attributes) {
  const path = location.pathname.replace(/[^/]*$/, "");
  attempt(() => {
    document.cookie = `${name}=; Path=${path}; Max-Age=0; ${attributes}`;
    return true;
  });
}

function keeps(kind, value) {
  return attempt(() => {
    const store = window[kind];
    if (!store) {
      throw new Error(`there is no ${kind}`);
    }
    const key = `natwizard-${value}`;
    store.setItem(key, value);
    const kept = store.getItem(key) === value;
    store.removeItem(key);
    return kept;
  });
}

// The step to post while the cookie is still there: the server looks whether it comes along.
export function testSite(instance, { embedded, cookie, attributes }) {
  const partitioned = `${cookie}_apart`;
  const apart = "SameSite=None; Secure; Partitioned";
  const step = {
    step: "site",
    instance,
    embedded,
    cookie: setCookie(cookie, instance, attributes),
    partitioned_cookie: setCookie(partitioned, instance, apart),
    local: keeps("localStorage", instance),
    session: keeps("sessionStorage", instance),
  };
  dropCookie(partitioned, apart);
  return step;
}

export async function post(step) {
  return fetch("steps", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(step),
  });
}
