import { expect, it } from "vitest";
import { requirementsOf } from "./fields";

it("reads requirements from one line", () => {
  expect(requirementsOf("")).toEqual([]);
  expect(requirementsOf("lightgbm==4.5.0, polars>=1")).toEqual(["lightgbm==4.5.0", "polars>=1"]);
  expect(requirementsOf("pandas>=2,<3,numpy")).toEqual(["pandas>=2,<3", "numpy"]);
  expect(requirementsOf("uvicorn[standard, extra]>=0.30, tiny ,")).toEqual(["uvicorn[standard, extra]>=0.30", "tiny"]);
});
