/**
 * What APIs answer when they refuse: one vocabulary of statuses and texts for all apps.
 *
 * Contract: the texts are stable, name what was wrong and, for arguments, what is allowed, so that an agent can correct itself.
 * An {@linkcode AgentError} is the agent's failure and becomes part of the observation; anything else that escapes a handler is
 * the environment's fault.
 *
 * @module
 */

/** An API refused a call; `status` is HTTP-like. */
export class AgentError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "AgentError";

  /**
   * @param status 401, 402, 403, 404, 409 or 422.
   * @param message text shown to the agent.
   */
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** 401: the token is missing, unknown, voided or another app's. */
export function signInNeeded(app: string): AgentError {
  return new AgentError(401, `Sign-in needed for ${app}: token missing, unknown or out of date.`);
}

/** 401: no such account, or the wrong password (which of the two is not said). */
export function signInRefused(app: string): AgentError {
  return new AgentError(401, `Sign-in refused for ${app}.`);
}

/** 402: not enough money. */
export function paymentRefused(reason: string): AgentError {
  return new AgentError(402, `Payment refused: ${reason}.`);
}

/** 403: somebody else's row. */
export function notYours(entity: string, verb: string): AgentError {
  return new AgentError(403, `This ${entity} is not yours to ${verb}.`);
}

/** 404: no row, app or API. */
export function notFound(entity: string, field: string, value: string | number): AgentError {
  return new AgentError(404, `No ${entity} with ${field} ${value}.`);
}

/** 409: the state does not allow it. */
export function conflict(verb: string, reason: string): AgentError {
  return new AgentError(409, `Cannot ${verb}: ${reason}.`);
}

/** 422: a wrong argument; `allowed` says what would have been right. */
export function badArgument(name: string, rule: string, allowed: string): AgentError {
  return new AgentError(422, `Bad argument ${name}: ${rule}. Allowed: ${allowed}`);
}
