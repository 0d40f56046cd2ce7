// Takes away what would make a call depend on more than its arguments, so that it fails where it is used: the component has
// no clock and no source of randomness, and its engine would answer with what was true when it was built.

const RealDate = globalThis.Date;

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) throw new Error("a plugin has no clock: give `new Date` a time");
    super(...parts);
  }

  static now() {
    throw new Error("a plugin has no clock: `Date.now` would be the time of the build");
  }
};

Math.random = () => {
  throw new Error("a plugin has no randomness: the same input gives the same output");
};
