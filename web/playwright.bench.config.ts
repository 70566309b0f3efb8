// Measurements in a real browser, not run with the tests: they say figures, and figures depend on the machine.
import base from "./playwright.config";

export default { ...base, testDir: "bench", testMatch: "*.bench.ts", timeout: 300_000 };
