/** A regular expression of a design (ECMAScript with the flag `u`) as a tree. */

/** The position of a node in the pattern, in UTF-16 code units; `end` is the first unit after it. */
interface Span {
  readonly start: number
  readonly end: number
}

/** How a single character is written: as itself, or as one of the escapes of ECMA-262, section 22.2.1. */
export type Spelling =
  | 'plain'
  /** A backslash and a sign, such as `\.` or `\-`. */
  | 'sign'
  /** `\t`, `\n`, `\v`, `\f` or `\r`. */
  | 'control'
  /** `\cA`. */
  | 'control-letter'
  /** `\0`. */
  | 'nul'
  /** `\b` in a set. */
  | 'backspace'
  /** `\x41`. */
  | 'hex'
  /** `\u0041`. */
  | 'unicode'
  /** `\ud83d\ude00`. */
  | 'surrogate-pair'
  /** `\u{41}`. */
  | 'code-point'

/** One character; `code` is its code point. */
export interface CharacterNode extends Span {
  readonly kind: 'character'
  readonly code: number
  readonly spelling: Spelling
}

/** `\d`, `\w`, `\s`, or with `negated` `\D`, `\W`, `\S`. */
export interface ClassNode extends Span {
  readonly kind: 'class'
  readonly name: 'd' | 'w' | 's'
  readonly negated: boolean
}

/** `\p{name}`, or with `negated` `\P{name}`. */
export interface PropertyNode extends Span {
  readonly kind: 'property'
  readonly name: string
  readonly negated: boolean
}

/** A member of a set: one character, a class, a property, or a range of characters. */
export type SetMember =
  | CharacterNode
  | ClassNode
  | PropertyNode
  | (Span & { readonly kind: 'range'; readonly from: CharacterNode; readonly to: CharacterNode })

/** `[…]`, or with `negated` `[^…]`. */
export interface SetNode extends Span {
  readonly kind: 'set'
  readonly negated: boolean
  readonly of: readonly SetMember[]
}

/** A part that takes exactly one character. */
export type OneCharacterNode = CharacterNode | ClassNode | PropertyNode | SetNode | (Span & { readonly kind: 'any' })

/** `^`, `$`, `\b` or `\B`. */
export interface AnchorNode extends Span {
  readonly kind: 'anchor'
  readonly sign: '^' | '$' | '\\b' | '\\B'
}

/** A part with a quantifier. `sign` is the quantifier without the `?` of a lazy quantifier; `most` is null without an upper bound. */
export interface RepeatNode extends Span {
  readonly kind: 'repeat'
  readonly of: PatternNode
  readonly sign: string
  readonly least: number
  readonly most: number | null
  readonly lazy: boolean
}

/** A part of a pattern. */
export type PatternNode =
  | OneCharacterNode
  | AnchorNode
  | RepeatNode
  /** Branches of `|`, at least two. */
  | (Span & { readonly kind: 'either'; readonly of: readonly PatternNode[] })
  /** Parts that follow each other. An empty branch has no parts. */
  | (Span & { readonly kind: 'sequence'; readonly of: readonly PatternNode[] })
  | (Span & { readonly kind: 'group'; readonly open: 'capture' | 'name' | 'plain' | 'flags'; readonly of: PatternNode })
  /** Look-ahead and look-behind. */
  | (Span & { readonly kind: 'look'; readonly open: '(?=' | '(?!' | '(?<=' | '(?<!'; readonly of: PatternNode })
  /** `\1` or `\k<name>`. */
  | (Span & { readonly kind: 'reference'; readonly to: 'number' | 'name' })

/** Why reading stopped; `sign` and `letter` stand at that position. */
export type PatternProblem =
  | { readonly kind: 'unopened-group' | 'unclosed-group' | 'unknown-group' | 'unclosed-set' | 'backslash-at-end' | 'bad-unicode-escape' }
  /** A quantifier after `^`, `$` or a word boundary, or after another quantifier. */
  | { readonly kind: 'repeated-anchor' | 'repeated-repetition' }
  /** A class at the start or end of a range. */
  | { readonly kind: 'class-before-range' | 'class-after-range' }
  | { readonly kind: 'nothing-to-repeat' | 'unescaped-bracket'; readonly sign: string }
  | { readonly kind: 'unknown-escape'; readonly letter: string }

/** The result of reading a pattern. With a problem, the tree holds only the parts before it. */
export interface ParsedPattern {
  readonly tree: PatternNode
  readonly problem: PatternProblem | null
}

/** Whether the pattern begins with `^` outside all branches, so that it matches only at the start of a text. */
export function startsAnchored(tree: PatternNode): boolean {
  return isAnchor(tree.kind === 'sequence' ? tree.of[0] : undefined, '^')
}

/** Whether the pattern ends with `$` outside all branches, so that every match ends at the end of the text. */
export function endsAnchored(tree: PatternNode): boolean {
  return isAnchor(tree.kind === 'sequence' ? tree.of.at(-1) : undefined, '$')
}

function isAnchor(node: PatternNode | undefined, sign: AnchorNode['sign']): boolean {
  return node?.kind === 'anchor' && node.sign === sign
}
