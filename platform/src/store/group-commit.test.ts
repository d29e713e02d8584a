import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupCommit } from './group-commit.ts';

class Items {
  readonly items: number[] = [];
  get length(): number {
    return this.items.length;
  }
  get count(): number {
    return this.items.length;
  }
}
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Commits wait until the test lets them go. */
function setUp(maxWaiting = 10, enough?: number) {
  const commits: { items: readonly number[]; done: PromiseWithResolvers<number> }[] = [];
  const group = new GroupCommit<Items, number>({
    open: () => new Items(),
    commit: ({ items }) => {
      const done = Promise.withResolvers<number>();
      commits.push({ items, done });
      return done.promise;
    },
    maxWaiting,
    ...(enough === undefined ? {} : { enough }),
  });
  const add = (...items: number[]): Promise<number> =>
    group.add(items.length, (open) => {
      open.items.push(...items);
    });
  return { commits, group, add };
}

test('group commit: calls of one turn share one commit, calls during it the next', async () => {
  const { commits, add } = setUp();
  const first = [add(1), add(2, 3)];
  await nextTurn();
  const second = [add(4), add(5)];
  await nextTurn();
  assert.deepEqual(
    commits.map(({ items }) => items),
    [[1, 2, 3]],
  );
  commits[0]?.done.resolve(10);
  assert.deepEqual(await Promise.all(first), [10, 10]);
  await nextTurn();
  assert.deepEqual(commits[1]?.items, [4, 5]);
  commits[1]?.done.resolve(20);
  assert.deepEqual(await Promise.all(second), [20, 20]);
});

test('group commit: a group that is large enough goes at once, the rest of the turn into the next', async () => {
  const { commits, add } = setUp(10, 3);
  const first = [add(1), add(2), add(3)];
  assert.deepEqual(commits[0]?.items, [1, 2, 3]);
  // One commit at a time, however much has come: order is kept.
  const second = [add(4, 5, 6), add(7)];
  await nextTurn();
  assert.equal(commits.length, 1);
  commits[0]?.done.resolve(10);
  assert.deepEqual(await Promise.all(first), [10, 10, 10]);
  await nextTurn();
  assert.deepEqual(commits[1]?.items, [4, 5, 6, 7]);
  commits[1]?.done.resolve(20);
  assert.deepEqual(await Promise.all(second), [20, 20]);
});

test('group commit: one that fails rejects its own calls, and the next goes on', async () => {
  const { commits, add } = setUp();
  const first = add(1);
  const failed = assert.rejects(first, /disk/);
  await nextTurn();
  const second = add(2);
  commits[0]?.done.reject(new Error('disk'));
  await failed;
  await nextTurn();
  commits[1]?.done.resolve(2);
  assert.equal(await second, 2);
});

test('group commit: past the bound a call is refused whole; a first call may be larger than the bound', async () => {
  const { commits, add } = setUp(3);
  const large = add(1, 2, 3, 4);
  await assert.rejects(add(5), { kind: 'busy' });
  await nextTurn();
  assert.deepEqual(commits[0]?.items, [1, 2, 3, 4]);
  const next = add(6, 7, 8);
  await assert.rejects(add(9), { kind: 'busy' });
  commits[0]?.done.resolve(1);
  await large;
  await nextTurn();
  assert.deepEqual(commits[1]?.items, [6, 7, 8]);
  commits[1]?.done.resolve(1);
  await next;
});

test('group commit: closing stores what was taken and refuses what comes', async () => {
  const { commits, group, add } = setUp();
  const taken = add(1);
  const closed = group.close();
  await assert.rejects(add(2), { kind: 'dead' });
  await nextTurn();
  commits[0]?.done.resolve(1);
  assert.equal(await taken, 1);
  await closed;
  await setUp().group.close();
});
