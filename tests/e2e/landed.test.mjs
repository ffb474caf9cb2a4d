// landed.test.mjs -- the store of the program that was landed first with rungs
// (tests/fixtures/README.md).
import { goesOn } from '../fixtures/goes_on.mjs';

goesOn('store4');
