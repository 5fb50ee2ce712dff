// Who this tab is, and which browser it runs in: the first step of every page.

export const instance = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
  byte.toString(16).padStart(2, "0"),
).join("");

export async function hello() {
  let brands = [];
  try {
    const told = await navigator.userAgentData.getHighEntropyValues(["fullVersionList"]);
    brands = told.fullVersionList ?? told.brands;
  } catch {
    // Firefox and Safari have no such list
  }
  return {
    step: "hello",
    instance,
    user_agent: navigator.userAgent.slice(0, 512),
    // an iPad calls itself a Mac, but no Mac has a touch screen
    mobile:
      navigator.userAgentData?.mobile === true ||
      (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1),
    brands: brands.slice(0, 16).map(({ brand, version }) => ({
      brand: brand.slice(0, 60),
      version: version.slice(0, 40),
    })),
  };
}
