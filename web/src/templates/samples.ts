// Made-up sample data, the same each time: credit card clients with the columns of the credit pipeline, and short reviews.

export interface Sample {
  id: string;
  /** A key of its title below `templates:sample`. */
  name: "credit" | "reviews";
  csv: () => string;
}

export const SAMPLES: readonly Sample[] = [
  { id: "sample-credit", name: "credit", csv: creditClients },
  { id: "sample-reviews", name: "reviews", csv: reviews },
];

const MODULUS = 2_147_483_647;
const FACTOR = 48_271;

/** Park and Miller's generator: numbers from 0 to 1, the same in every browser. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * FACTOR) % MODULUS;
    return state / MODULUS;
  };
}

const CREDIT_ROWS = 3_000;
const MONTHS = [1, 2, 3, 4, 5, 6];

/** Who was late before, with little room left, is late again more often. */
function creditClients(): string {
  const random = randomFrom(2_018);
  const bell = () => random() + random() + random() + random() - 2;
  const names = ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6", ...MONTHS.map((month) => `BILL_AMT${month}`), ...MONTHS.map((month) => `PAY_AMT${month}`), "next_month"];
  const lines = [names.join(",")];
  for (let row = 0; row < CREDIT_ROWS; row += 1) {
    const care = bell();
    const limit = Math.round(Math.exp(11.6 + 0.7 * bell() + 0.3 * care) / 10_000 + 1) * 10_000;
    const late = MONTHS.map(() => Math.max(-2, Math.min(8, Math.round(-0.4 - 1.1 * care + 0.9 * bell()))));
    const use = Math.min(1, Math.max(0, 0.45 - 0.3 * care + 0.3 * bell()));
    const bills = MONTHS.map(() => Math.round(limit * use * (0.85 + 0.15 * random())));
    const paid = bills.map((bill) => Math.round(bill * Math.max(0.01, Math.min(1, 0.15 + 0.25 * care + 0.2 * bell()))));
    const odds = -1.9 + 0.75 * (late[0] ?? 0) + 0.3 * (late[1] ?? 0) + 1.1 * use - 0.000_002 * limit;
    const again = random() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
    lines.push([limit, 1 + Math.floor(random() * 2), 1 + Math.floor(random() * 4), 1 + Math.floor(random() * 3), Math.round(21 + random() * 45), ...late, ...bills, ...paid, again].join(","));
  }
  return `${lines.join("\n")}\n`;
}

const REVIEW_ROWS = 600;
const THINGS = ["lamp", "kettle", "chair", "phone", "tent", "jacket", "keyboard", "bicycle", "pan", "speaker"];
const GOOD = ["works well", "sturdy", "quiet", "easy to clean", "worth the price", "arrived early", "comfortable", "bright"];
const BAD = ["broke quickly", "too loud", "hard to clean", "not worth the price", "arrived late", "wobbly", "uncomfortable", "dim"];
/** Said by some who mean the opposite on the whole. */
const STRAY = 0.22;

function reviews(): string {
  const random = randomFrom(1_984);
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? "";
  const lines = ["review,praise"];
  for (let row = 0; row < REVIEW_ROWS; row += 1) {
    const praise = random() < 0.5;
    const said = Array.from({ length: 3 }, () => pick(praise === random() > STRAY ? GOOD : BAD));
    lines.push(`The ${pick(THINGS)} is ${said.join(" and ")},${praise ? 1 : 0}`);
  }
  return `${lines.join("\n")}\n`;
}
