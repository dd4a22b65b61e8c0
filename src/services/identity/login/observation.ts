/** Observations of sign-in for operators. They contain only ids and counts, and no password, token or plain login. */

/** What happened. */
export type IdentityObservation =
  /** A replaced refresh token was used again, because it was stolen or kept for too long. The session was ended. */
  | { readonly kind: 'refresh-reused'; readonly sessionId: string; readonly userId: string; readonly generationsBehind: number }
  /** A login has no attempts left and is locked for 15 minutes. `userId` is null when there is no such account. */
  | { readonly kind: 'login-locked'; readonly userId: string | null }
  /** A stored password was hashed again because the cost of new hashes has risen. */
  | { readonly kind: 'password-rehashed'; readonly userId: string }
  /** A stored password is not an argon2id hash, so its owner cannot sign in. */
  | { readonly kind: 'password-unreadable'; readonly userId: string }
