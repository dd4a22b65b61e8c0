/**
 * What an application of an AsyncAPI document sends and receives, of version 2 and 3.
 *
 * Source: AsyncAPI 2.6.0, Operation Object (`subscribe` is what the application sends, `publish` what it receives); AsyncAPI 3.0.0,
 * Operation Object (`action`).
 */

import { type ApiDocument, type ApiPlace, memberPlace, memberPlaces } from '../openapi/document.ts'

/** A message that is sent or received at an address. */
export interface ApiMessage {
  readonly name: string
  readonly direction: 'sends' | 'receives'
  /** The address of the channel. */
  readonly address: string
  /** The schema of its data; null if it has none that can be read. */
  readonly payload: ApiPlace | null
  readonly place: ApiPlace
  /** What is assumed about it, in a sentence. */
  readonly note?: string
}

/** A message that cannot be read, and why. */
export interface UnreadMessage {
  readonly name: string
  readonly place: ApiPlace
  readonly why: string
}

/** The messages of all operations, in the order of the document. */
export function messagesOf(document: ApiDocument): { readonly messages: readonly ApiMessage[]; readonly left: readonly UnreadMessage[] } {
  const messages: ApiMessage[] = []
  const left: UnreadMessage[] = []
  const declared = String(document.root.value.asyncapi).startsWith('2') ? operationsOf2(document) : operationsOf3(document)
  // nothing is sent to others that the document does not say is sent
  const note = declared.length > 0 ? {} : { note: 'no operation says whether it is sent or received; taken as received' }
  const operations = declared.length > 0 ? declared : channelsAsReceived(document)
  for (const { name, direction, address, found, place } of operations) {
    if (address === null || found.length === 0) {
      left.push({
        name,
        place,
        why: address === null ? 'its channel has no address in this document' : 'it has no message in this document',
      })
      continue
    }
    for (const each of found) messages.push({ ...messageOf(document, each, name), direction, address, ...note })
  }
  return { messages, left }
}

interface Operation extends Pick<ApiMessage, 'direction' | 'place'> {
  readonly name: string
  readonly address: string | null
  readonly found: readonly ApiPlace[]
}

function operationsOf2(document: ApiDocument): readonly Operation[] {
  return memberPlaces(memberPlace(document.root, 'channels')).flatMap(([address, given]) => {
    const channel = document.resolve(given) ?? given
    return (['publish', 'subscribe'] as const).flatMap((word): readonly Operation[] => {
      const place = memberPlace(channel, word)
      if (place === null) return []
      const name = typeof place.value.operationId === 'string' ? place.value.operationId : address
      const message = memberPlace(place, 'message')
      const resolved = message === null ? null : document.resolve(message)
      const several = resolved === null ? [] : placesIn(resolved, 'oneOf')
      const found = several.length > 0 ? several : message === null ? [] : [message]
      return [{ name, direction: word === 'publish' ? 'receives' : 'sends', address, place, found: resolvable(document, found) }]
    })
  })
}

function operationsOf3(document: ApiDocument): readonly Operation[] {
  return memberPlaces(memberPlace(document.root, 'operations')).flatMap(([name, given]): readonly Operation[] => {
    const place = document.resolve(given)
    if (place === null || (place.value.action !== 'send' && place.value.action !== 'receive')) return []
    const reference = memberPlace(place, 'channel')
    const channel = reference === null ? null : document.resolve(reference)
    const named = placesIn(place, 'messages')
    const all = channel === null ? [] : memberPlaces(memberPlace(channel, 'messages')).map(([, each]) => each)
    const address = typeof channel?.value.address === 'string' ? channel.value.address : null
    return [
      {
        ...{ name, address, place, direction: place.value.action === 'send' ? 'sends' : 'receives' },
        found: resolvable(document, named.length > 0 ? named : all),
      },
    ]
  })
}

/** The channels of a document without operations. */
function channelsAsReceived(document: ApiDocument): readonly Operation[] {
  return memberPlaces(memberPlace(document.root, 'channels')).map(([name, given]) => {
    const place = document.resolve(given) ?? given
    const found = memberPlaces(memberPlace(place, 'messages')).map(([, each]) => each)
    const address = typeof place.value.address === 'string' ? place.value.address : name
    return { name, place, address, direction: 'receives', found: resolvable(document, found) }
  })
}

/** Messages whose references lead somewhere. A message of a channel may be a reference itself. */
function resolvable(document: ApiDocument, places: readonly ApiPlace[]): readonly ApiPlace[] {
  return places.filter((place) => document.resolve(place) !== null)
}

function messageOf(document: ApiDocument, given: ApiPlace, operation: string): Pick<ApiMessage, 'name' | 'payload' | 'place'> {
  const place = document.resolve(given) ?? given
  const last = place.path.at(-1)
  const named = typeof place.value.name === 'string' ? place.value.name : null
  const key = place.path.includes('messages') && typeof last === 'string' ? last : null
  const payload = memberPlace(place, 'payload')
  // In version 3, a schema of another format stands beside its name.
  const schema = payload === null ? null : (memberPlace(payload, 'schema') ?? payload)
  return { name: key ?? named ?? operation, payload: schema, place }
}

/** The objects of a list. */
function placesIn({ value, path }: ApiPlace, key: string): readonly ApiPlace[] {
  const list = value[key]
  if (!Array.isArray(list)) return []
  return list.flatMap((each, i) =>
    typeof each === 'object' && each !== null ? [{ value: each as Readonly<Record<string, unknown>>, path: [...path, key, i] }] : [],
  )
}
