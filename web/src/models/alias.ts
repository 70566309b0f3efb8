// What an alias may be, as the server has it.

/** Small letters, digits, `_` and `-`, a letter first: never mistaken for a version's number. */
export const ALIAS = /^[a-z][a-z0-9_-]{0,62}$/;
