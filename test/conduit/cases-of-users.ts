/** What right requests do: users and profiles. */

import assert from 'node:assert/strict'
import { refused } from './client.ts'
import { type Case, ok, PASSWORD, type World } from './world.ts'

/** A case that succeeds. */
export function success(operation: string, title: string, run: (world: World) => Promise<void>): Case {
  return { operation, kind: 'success', title, run }
}

/** Cases of users and profiles. */
export const USER_CASES: readonly Case[] = [
  success('CreateUser', 'registers a user without bio and image', async ({ ask, fresh }) => {
    const username = fresh('carol')
    const email = `${username}@example.com`
    const { user } = ok(await ask('CreateUser', { inside: { username, email, password: PASSWORD } }), 201)
    const { token, ...rest } = user
    assert.deepEqual(rest, { username, email, bio: null, image: null })
    assert.deepEqual(ok(await ask('GetCurrentUser', { token })).user.email, email)
    assert.deepEqual(ok(await ask('GetProfileByUsername', { path: { username } })).profile, {
      username,
      bio: null,
      image: null,
      following: false,
    })
  }),
  success('Login', 'gives a token of the user', async ({ ask, ada }) => {
    const { user } = ok(await ask('Login', { inside: { email: ada.email, password: ada.password } }))
    assert.deepEqual([user.username, user.email], [ada.username, ada.email])
    assert.equal(ok(await ask('GetCurrentUser', { token: user.token })).user.username, ada.username)
  }),
  success('Login', 'is 401 with a wrong password, and the same with an unknown address', async ({ ask, ada, fresh }) => {
    const expected = { status: 401, name: 'credentials', message: 'invalid' }
    refused(await ask('Login', { inside: { email: ada.email, password: 'quiet-Otter-43-lamp' } }), expected)
    refused(await ask('Login', { inside: { email: `${fresh('nobody')}@example.com`, password: PASSWORD } }), expected)
  }),
  success('GetCurrentUser', 'answers the user of the token', async ({ ask, bob }) => {
    const { user } = ok(await ask('GetCurrentUser', { token: bob.token }))
    assert.deepEqual([user.username, user.email, user.image], [bob.username, bob.email, null])
    assert.equal(typeof user.token, 'string')
    assert.equal(ok(await ask('GetCurrentUser', { token: user.token })).user.username, bob.username)
  }),
  success('UpdateCurrentUser', 'changes only what is sent', async ({ ask, register, fresh }) => {
    const { token, ...user } = await register('dave')
    const change = async (inside: object) => ok(await ask('UpdateCurrentUser', { token, inside })).user
    const image = 'https://example.com/dave.png'
    assert.deepEqual(shown(await change({ bio: 'I am', image })), { username: user.username, email: user.email, bio: 'I am', image })
    assert.deepEqual(shown(await change({ image: '' })), { username: user.username, email: user.email, bio: 'I am', image: null })
    assert.deepEqual(shown(await change({ bio: null })), { username: user.username, email: user.email, bio: null, image: null })
    assert.deepEqual(shown(await change({ bio: '' })), { username: user.username, email: user.email, bio: null, image: null })
    const username = fresh('david')
    const email = `${username}@example.com`
    assert.deepEqual(shown(await change({ username, email })), { username, email, bio: null, image: null })
    assert.deepEqual(shown(ok(await ask('GetCurrentUser', { token })).user), { username, email, bio: null, image: null })
    assert.equal((await ask('GetProfileByUsername', { path: { username: user.username } })).status, 404)
  }),
  success('UpdateCurrentUser', 'changes the password', async ({ ask, register }) => {
    const { token, email, password } = await register('erin')
    const next = 'brown-Weasel-17-door'
    ok(await ask('UpdateCurrentUser', { token, inside: { password: next } }))
    assert.equal((await ask('Login', { inside: { email, password } })).status, 401)
    ok(await ask('Login', { inside: { email, password: next } }))
  }),
  success('GetProfileByUsername', 'says whether the caller follows the user', async ({ ask, ada, bob, register }) => {
    const followed = await register('fay')
    const path = { username: followed.username }
    ok(await ask('FollowUserByUsername', { token: ada.token, path }))
    for (const [token, following] of [
      [ada.token, true],
      [bob.token, false],
      [null, false],
    ] as const)
      assert.deepEqual(ok(await ask('GetProfileByUsername', { token, path })).profile, { ...path, bio: null, image: null, following })
  }),
  success('FollowUserByUsername', 'follows, and does so only once', async ({ ask, ada, bob }) => {
    const path = { username: bob.username }
    for (const _ of [1, 2]) assert.equal(ok(await ask('FollowUserByUsername', { token: ada.token, path })).profile.following, true)
    assert.equal(ok(await ask('UnfollowUserByUsername', { token: ada.token, path })).profile.following, false)
    assert.equal(ok(await ask('GetProfileByUsername', { token: ada.token, path })).profile.following, false)
  }),
  success(
    'UnfollowUserByUsername',
    'leaves other followers, and is no error when nobody is followed',
    async ({ ask, ada, bob, register }) => {
      const { username } = await register('gil')
      const path = { username }
      for (const { token } of [ada, bob]) ok(await ask('FollowUserByUsername', { token, path }))
      for (const _ of [1, 2]) assert.equal(ok(await ask('UnfollowUserByUsername', { token: ada.token, path })).profile.following, false)
      assert.equal(ok(await ask('GetProfileByUsername', { token: bob.token, path })).profile.following, true)
    },
  ),
]

function shown({ username, email, bio, image }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { username, email, bio, image }
}
