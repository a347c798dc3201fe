"""S3 and whatever speaks as it does, through s3fs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.datastore import Datastore
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.reachable import check_reachable
from skyloom.stores.web_address import AllowedHosts


def connect_s3(store: Datastore, secrets: Mapping[str, str], allowed: AllowedHosts) -> Any:
    """An s3fs file system; without keys the bucket is asked as anybody may.

    Raises
    ------
    ProblemError
        P235 s3fs is not installed; D063 to D065, P233: the address cannot be asked.
    """
    endpoint = store.settings.get("endpoint", "")
    if endpoint:
        check_reachable(endpoint, allowed)
    try:
        from s3fs import S3FileSystem
    except ImportError:
        what = f"The datastore '{store.name}' is S3, which needs the package s3fs."
        raise ProblemError(Problem("P235", what, store.name, "pip install 'skyloom[s3]'")) from None
    region = store.settings.get("region")
    return S3FileSystem(
        key=secrets.get("access_key"),
        secret=secrets.get("secret_key"),
        token=secrets.get("session_token"),
        anon=not secrets.get("access_key"),
        endpoint_url=endpoint or None,
        client_kwargs={"region_name": region} if region else {},
        skip_instance_cache=True,
        use_listings_cache=False,
    )
