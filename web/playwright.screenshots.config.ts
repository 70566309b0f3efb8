// Pictures for the documentation, taken of the real program; `make screenshots` takes them again.
import base from "./playwright.config";

export default { ...base, testDir: "screenshots", testMatch: "*.shots.ts", timeout: 300_000, use: { ...base.use, viewport: { width: 1310, height: 730 }, deviceScaleFactor: 1 } };
