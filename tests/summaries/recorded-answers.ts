import type { ModelAnswer } from '../../src/summaries/model-answer.ts';

/** Answers in the ways in which models write them, of small files, with what is false in them. */
export interface Recorded {
  path: string;
  text: string;
  answer: ModelAnswer;
  /** Names that the file has not. */
  false: readonly string[];
  trueApi: readonly string[];
}

/** Names that no file here has, as models make them up. */
export const seeds = ['initializeCartService', 'CartRepositoryFactory', 'max_retry_backoff', 'applyDiscountCode'];

export const recorded: readonly Recorded[] = [
  {
    path: 'src/cart.ts',
    text: `import { money } from './money.ts';

/** Adds up what a customer buys. */
export function cartTotal(items: readonly Item[], discount = 0): number {
  const sum = items.reduce((all, { price, count }) => all + price * count, 0);
  return money(sum - discount);
}

export interface Item { price: number; count: number }

export const maxItems = 500;
`,
    answer: {
      purpose: 'Adds up the items of a cart with `cartTotal`, less a discount. Written in TypeScript.',
      responsibilities: [
        'Multiplies `price` by `count` of each `Item`.',
        'Rounds by `money`.',
        'Validates by `checkItems`.',
      ],
      api: [
        { name: 'cartTotal()', about: 'the sum of all `Item`s' },
        { name: '`Item`', about: 'one line of a cart' },
        { name: 'maxItems', about: 'a limit that `cartTotal` does not check' },
        { name: 'clearCart', about: 'empties it' },
      ],
      gotchas: ['`maxItems` is not enforced.', 'A discount above the sum gives a negative total.'],
      depends_on: ['money', './money.ts', 'lodash'],
    },
    false: ['checkItems', 'clearCart', 'lodash'],
    trueApi: ['cartTotal', 'Item', 'maxItems'],
  },
  {
    path: 'app/models/user.py',
    text: `import hashlib
from app.db import session


class User:
    """Somebody with an account."""

    def __init__(self, name, email):
        self.name = name
        self.email = email

    def check_password(self, password):
        return hashlib.sha256(password.encode()).hexdigest() == self.password_hash

    @classmethod
    def find_by_email(cls, email):
        return session.query(cls).filter_by(email=email).first()
`,
    answer: {
      purpose:
        'Holds the `User` of an account and how it is found. Passwords are compared as SHA-256 by `check_password`.',
      responsibilities: ['Finds users through `session.query`.', 'Sends mail through `smtplib.SMTP`.'],
      api: [
        { name: 'User', about: 'an account' },
        { name: 'User.find_by_email(email)', about: 'the first with that address, or None' },
        { name: 'User.check_password', about: 'compares hashes with `hashlib.sha256`' },
      ],
      gotchas: ['`password_hash` is never set in this file.', 'No salt is used. `bcrypt` would be.'],
      depends_on: ['hashlib', 'app.db', 'sqlalchemy.orm'],
    },
    false: ['smtplib.SMTP', 'bcrypt', 'sqlalchemy.orm'],
    trueApi: ['User', 'User.find_by_email', 'User.check_password'],
  },
  {
    path: 'pkg/store/store.go',
    text: `package store

import "sync"

// Store keeps values in memory.
type Store struct {
	mu     sync.Mutex
	values map[string][]byte
}

// Get gives a value, and whether there is one.
func (s *Store) Get(key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[key]
	return v, ok
}

func NewStore() *Store { return &Store{values: map[string][]byte{}} }
`,
    answer: {
      purpose: 'Keeps byte values in memory behind a mutex.',
      responsibilities: ['Guards `values` by `sync.Mutex`.', 'Expires entries with evictExpired().'],
      api: [
        { name: 'Store', about: 'the store; make it by `NewStore`' },
        { name: 'NewStore()', about: 'an empty one' },
        { name: 'Store.Get', about: 'a value and whether it is there' },
        { name: 'Store.Set', about: 'sets one' },
      ],
      gotchas: ['`Get` gives the slice itself, so that a caller can change what is stored.'],
      depends_on: ['sync'],
    },
    false: ['evictExpired', 'Store.Set'],
    trueApi: ['Store', 'NewStore', 'Store.Get'],
  },
  {
    path: 'src/parse.rs',
    text: `use std::fmt;

/// What went wrong, and where.
#[derive(Debug)]
pub struct ParseError { pub line: usize, pub message: String }

pub trait Source { fn next_line(&mut self) -> Option<String>; }

pub fn parse_all<S: Source>(source: &mut S) -> Result<Vec<Token>, ParseError> {
    let mut tokens = Vec::new();
    while let Some(line) = source.next_line() { tokens.extend(tokenize(&line)?); }
    Ok(tokens)
}
`,
    answer: {
      purpose: 'Reads tokens line by line from any `Source`. Errors are `ParseError`s with a line.',
      responsibilities: ['`parse_all` collects what `tokenize` gives.', 'Recovers through RecoveryMode::Skip.'],
      api: [
        { name: 'parse_all', about: 'all tokens, or the first `ParseError`' },
        { name: 'Source::next_line', about: 'to be implemented' },
        { name: 'ParseError', about: 'a `line` and a `message`' },
      ],
      gotchas: ['`tokenize` is defined elsewhere.'],
      depends_on: ['std::fmt', 'tokenize', 'nom'],
    },
    false: ['RecoveryMode::Skip', 'nom'],
    trueApi: ['parse_all', 'Source::next_line', 'ParseError'],
  },
  {
    path: 'lib/queue.js',
    text: `'use strict';
const { EventEmitter } = require('node:events');

class Queue extends EventEmitter {
  constructor({ concurrency = 4 } = {}) { super(); this.concurrency = concurrency; this.waiting = []; }
  push(job) { this.waiting.push(job); this.emit('added', job); }
  get size() { return this.waiting.length; }
}

module.exports = { Queue };
`,
    answer: {
      purpose: 'A queue of jobs in memory that tells of what is added. It extends `EventEmitter` of Node.',
      responsibilities: ['Emits `added` for each job.', 'Persists jobs to Redis through `ioredis`.'],
      api: [
        { name: 'new Queue({ concurrency })', about: 'with 4 by default' },
        { name: 'Queue', about: 'the queue' },
        { name: 'push', about: 'adds a job' },
        { name: 'drain', about: 'waits for all' },
      ],
      gotchas: ['Nothing takes jobs out: `concurrency` is kept and never used.'],
      depends_on: ['node:events', 'ioredis'],
    },
    false: ['ioredis', 'drain'],
    trueApi: ['Queue', 'Queue', 'push'],
  },
  {
    path: 'scripts/deploy.sh',
    text: `#!/usr/bin/env bash
set -euo pipefail
# Builds the image and rolls it out.
IMAGE_TAG="\${1:?tag}"
build_image() { docker build -t "shop:$IMAGE_TAG" .; }
roll_out() { kubectl set image deployment/shop shop="shop:$IMAGE_TAG"; }
build_image && roll_out
`,
    answer: {
      purpose: 'Builds an image with `docker build` and rolls it out by `kubectl set image`.',
      responsibilities: ['`build_image` tags with `IMAGE_TAG`.', 'Waits by `kubectl rollout status`.'],
      api: [
        { name: 'build_image', about: 'builds' },
        { name: 'roll_out', about: 'sets the image' },
      ],
      gotchas: ['Fails without a first argument.'],
      depends_on: ['docker', 'kubectl', 'helm'],
    },
    false: ['rollout', 'status', 'helm'],
    trueApi: ['build_image', 'roll_out'],
  },
];
