// Tokens: where they are kept, and how they are renewed.

/** The tokens of a session. */
export interface Tokens {
  readonly token: string
  readonly refreshToken: string
  /** When the token expires, in milliseconds since 1970, by the clock of this client. */
  readonly expiresAt: number
}

/** Where tokens are kept. */
export interface TokenStore {
  get(): Tokens | null | Promise<Tokens | null>
  set(tokens: Tokens | null): void | Promise<void>
}

/** Keeps tokens until the page is closed or the process ends. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | null = null
  return {
    get: () => kept,
    set: (tokens) => {
      kept = tokens
    },
  }
}

/**
 * Keeps tokens in `localStorage` or `sessionStorage`, so that they survive a reload and tabs share them. Every script of the page can read
 * them there: use it only where no foreign script runs, or let the design sign in by a cookie.
 */
export function storedTokens(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, key = 'tokens'): TokenStore {
  return {
    get: () => {
      try {
        const { token, refreshToken, expiresAt } = JSON.parse(storage.getItem(key) ?? 'null') ?? {}
        const isWhole = typeof token === 'string' && typeof refreshToken === 'string' && typeof expiresAt === 'number'
        return isWhole ? { token, refreshToken, expiresAt } : null
      } catch {
        return null
      }
    },
    set: (tokens) => (tokens === null ? storage.removeItem(key) : storage.setItem(key, JSON.stringify(tokens))),
  }
}

/** Keeps no tokens, for pages of the backend's own origin whose design signs in by a cookie. */
export function cookieTokens(): TokenStore {
  return { get: () => null, set: () => {} }
}

/** @internal */
export interface Session {
  /** The tokens to send, renewed if they are about to expire. */
  readonly current: () => Promise<Tokens | null>
  /** New tokens in place of refused ones; null if the session is over. */
  readonly renewed: (refused: Tokens) => Promise<Tokens | null>
}

/** Tokens are renewed this long before they expire. */
const EARLY_MS = 10_000

/**
 * Renews tokens one at a time, however many calls wait for them.
 *
 * @param refresh asks the server; null if it refuses.
 * @internal
 */
export function openSession(store: TokenStore, refresh: (refreshToken: string) => Promise<Tokens | null>, onEnd: () => void): Session {
  let renewing: Promise<Tokens | null> | null = null
  const renew = async (refused: Tokens): Promise<Tokens | null> => {
    const kept = await store.get()
    // Another call, another tab or another sign-in was faster.
    if (kept === null || kept.token !== refused.token) return kept
    const next = await refresh(kept.refreshToken)
    const now = await store.get()
    if (now?.refreshToken !== kept.refreshToken) return now
    await store.set(next)
    if (next === null) onEnd()
    return next
  }
  const renewed = (refused: Tokens): Promise<Tokens | null> => {
    renewing ??= renew(refused).finally(() => {
      renewing = null
    })
    return renewing
  }
  return {
    renewed,
    current: async () => {
      const kept = await store.get()
      return kept === null || kept.expiresAt - EARLY_MS > Date.now() ? kept : renewed(kept)
    },
  }
}
