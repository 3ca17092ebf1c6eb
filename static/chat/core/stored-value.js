/** A value in the browser's storage, which survives a reload. Without storage it is null. */
export function storedValue(storage, key) {
  return {
    read() {
      try {
        return JSON.parse(storage.getItem(key));
      } catch {
        return null; // the storage is forbidden, or holds something else
      }
    },
    /** Store a value; null is not kept. */
    write(value) {
      try {
        if (value === null) storage.removeItem(key);
        else storage.setItem(key, JSON.stringify(value));
      } catch {
        // The storage is full or forbidden. The value is lost when the page is closed.
      }
    },
  };
}

/** The browser's "localStorage" or "sessionStorage", or an empty object where it is forbidden. */
export function storageNamed(name) {
  try {
    return globalThis[name];
  } catch {
    return {};
  }
}
