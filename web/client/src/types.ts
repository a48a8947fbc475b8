// Every shape of the contract: texts, scores and names are as on the wire.

export type * from "./types/audit.js";
export type * from "./types/rest.js";
export type * from "./types/socket.js";
