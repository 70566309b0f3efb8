// Measurements in a real browser, not run with the tests: they say figures, and figures depend on the machine.
import base from "./playwright.config";

// A trace takes a picture of the page with every gesture, which would be measured along.
export default { ...base, use: { ...base.use, trace: "off" as const }, testDir: "bench", testMatch: "*.bench.ts", timeout: 300_000 };
