// The embedded page: to the browser it belongs to another site than the page around it.
import { dropCookie, post, testSite } from "./site-data.js";

const COOKIE = "natwizard_embedded";
const ATTRIBUTES = "SameSite=None; Secure";
const asked = new URLSearchParams(location.search);
const instance = asked.get("instance");

const step = testSite(instance, { embedded: true, cookie: COOKIE, attributes: ATTRIBUTES });
const answer = await post(step);
dropCookie(COOKIE, ATTRIBUTES);
const good = step.cookie.works && step.local.works && step.session.works;
parent.postMessage({ natwizard: instance, posted: answer.ok, good }, asked.get("around"));
