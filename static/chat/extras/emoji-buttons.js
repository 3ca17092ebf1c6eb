// The emoji that are at hand, and the button of an emoji.

export const AT_HAND = {
  "👍": "thumbs up",
  "❤️": "heart",
  "😂": "laughing",
  "😮": "surprised",
  "😢": "sad",
  "🎉": "party",
};

export function emojiButton(emoji, name) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "emoji", textContent: emoji, title: name, ariaLabel: name });
  button.dataset.emoji = emoji;
  return button;
}
