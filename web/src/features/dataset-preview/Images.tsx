import { useState } from "react";
import { imageAddress } from "../../api/queries";
import type { Artifact } from "../../api/shapes";
import { t } from "../../i18n/i18n";

/** Pictures that a script saved, side by side. They are shown as images and never run. */
export function Images({ images }: { images: readonly Artifact[] }) {
  return (
    <div className="images">
      {images.map((image) => (
        <Picture key={`${image.digest}${image.name}`} image={image} />
      ))}
    </div>
  );
}

function Picture({ image }: { image: Artifact }) {
  const [isBad, setBad] = useState(false);
  return (
    <figure>
      {isBad ? (
        <p className="muted">{t("images.notShown")}</p>
      ) : (
        <img src={imageAddress(image)} alt={image.name} onError={() => setBad(true)} />
      )}
      <figcaption className="small muted cut">{image.name}</figcaption>
    </figure>
  );
}
