/** In ascending order: each role also has the permissions of the roles before it. */
export const OPERATOR_ROLES = ["view", "moderate", "administer"] as const;

/**
 * `view` sees rooms, the log of acts and addresses. `moderate` also removes and bans players. `administer` may do everything.
 */
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** In characters. ADMIN_PASSWORD may be shorter, with a warning. */
export const OPERATOR_PASSWORD_LENGTH_MIN = 12;

export interface Operator {
  readonly name: string;
  readonly role: OperatorRole;
}

export function hasRole(operator: Operator, needed: OperatorRole): boolean {
  return OPERATOR_ROLES.indexOf(operator.role) >= OPERATOR_ROLES.indexOf(needed);
}
