"""What is left out of a frozen program."""

import pytest

from release.freezing import wanted_data


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("botocore/data/iam/2010-05-08/service-2.json.gz", True),
        ("botocore/data/sts/2011-06-15/service-2.json.gz", True),
        ("botocore/data/sso-oidc/2019-06-10/service-2.json.gz", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("botocore/data/endpoints.json", True),
        ("botocore/cacert.pem", True),
        ("boto3/data/ec2/2016-11-15/resources-1.json", False),
        ("dateutil/zoneinfo/dateutil-zoneinfo.tar.gz", False),
        ("h11-0.16.0.dist-info/METADATA", True),
        ("h11-0.16.0.dist-info/INSTALLER", False),
        ("h11-0.16.0.dist-info/RECORD", False),
        ("typing_extensions-4.15.0.dist-info/METADATA", True),
        ("h2-4.4.1.dist-info/METADATA", False),
    ],
)
def test_only_data_that_is_read_is_collected(path: str, *, wanted: bool) -> None:
    """Of AWS's services, only those that the doctor and a login use. Metadata about this machine is left out."""
    assert wanted_data(path, ["h11", "typing-extensions"]) is wanted
