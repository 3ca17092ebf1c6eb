// A value that survives a reload of this tab. Where storage is full or forbidden, it does not.

export function memory(storage, key) {
  return {
    read() {
      try {
        return JSON.parse(storage.getItem(key));
      } catch {
        return null;
      }
    },
    write(value) {
      try {
        storage.setItem(key, JSON.stringify(value));
      } catch {
        // the value lives as long as the page
      }
    },
  };
}
