//! Region names, and the partitions they belong to.

use std::fmt;
use std::str::FromStr;

/// Longest host label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// The name of an AWS region, such as `us-east-1`: checked as a host label,
/// since it becomes part of a host name.
///
/// Lower-case letters, digits and inner hyphens, 1 to 63 of them (RFC 1123
/// §2.1). Upper case is an error: no region is written so, and the signature's
/// scope compares exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region(String);

impl Region {
    /// Checks a region's name. Whether AWS has such a region is not known here.
    ///
    /// # Errors
    /// [`RegionError`] names the character that is wrong and its byte offset.
    pub fn new(name: impl Into<String>) -> Result<Self, RegionError> {
        let name = name.into();
        check(&name)?;
        Ok(Self(name))
    }

    /// The region of a resource by its ARN
    /// (`arn:partition:service:region:account:resource`); `None` for what is no
    /// ARN, or one without a region that could be one.
    ///
    /// AWS: [Amazon Resource Names](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (_partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
        let mut parts = rest.split(':');
        let (_service, region) = (parts.next()?, parts.next()?);
        Region::new(region).ok()
    }

    /// The name, as the host and the signature's scope carry it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host suffix of the region's partition.
    pub(super) fn suffix(&self, dual_stack: bool) -> &'static str {
        let partition = PARTITIONS.iter().find(|p| p.holds(&self.0)).unwrap_or(&AWS);
        if dual_stack { partition.dual_stack_suffix } else { partition.suffix }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Region {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

/// Why a name cannot be a region's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// There is nothing.
    #[error("the region is empty; name one, such as us-east-1")]
    Empty,
    /// Longer than a host label can be.
    #[error("the region has {length} bytes; a host label has at most {MAX_LABEL}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A character that cannot stand where it does in a host label.
    #[error(
        "region {region:?}: {character:?} at byte {position} cannot stand there in a host name; \
         use lower-case letters, digits and inner hyphens, as in us-east-1"
    )]
    Character {
        /// The whole name.
        region: String,
        /// The first wrong character.
        character: char,
        /// Its byte offset, counted from 0.
        position: usize,
    },
}

fn check(name: &str) -> Result<(), RegionError> {
    if name.is_empty() {
        return Err(RegionError::Empty);
    }
    if name.len() > MAX_LABEL {
        return Err(RegionError::TooLong { length: name.len() });
    }
    let last = name.len() - 1;
    let wrong = |&(position, character): &(usize, char)| match character {
        'a'..='z' | '0'..='9' => false,
        '-' => position == 0 || position == last,
        _ => true,
    };
    match name.char_indices().find(wrong) {
        None => Ok(()),
        Some((position, character)) => {
            Err(RegionError::Character { region: name.to_owned(), character, position })
        }
    }
}

/// A set of regions with a DNS suffix of its own, as in AWS's `partitions.json`.
struct Partition {
    /// What its regions' names begin with; `word-number` follows.
    prefix: &'static str,
    /// A name that stands for the partition as a whole.
    pseudo: &'static str,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
}

impl Partition {
    /// The pattern `^prefix\w+-\d+$`, or the pseudo region.
    fn holds(&self, region: &str) -> bool {
        region == self.pseudo || region.strip_prefix(self.prefix).is_some_and(is_word_and_number)
    }
}

fn is_word_and_number(rest: &str) -> bool {
    rest.split_once('-').is_some_and(|(word, number)| {
        !word.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Regions of no partition below belong here, also unknown ones.
const AWS: Partition = Partition {
    prefix: "",
    pseudo: "aws-global",
    suffix: "amazonaws.com",
    dual_stack_suffix: "api.aws",
};

const PARTITIONS: [Partition; 7] = [
    Partition {
        prefix: "cn-",
        pseudo: "aws-cn-global",
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
    },
    Partition {
        prefix: "us-gov-",
        pseudo: "aws-us-gov-global",
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
    },
    Partition {
        prefix: "eusc-de-",
        pseudo: "aws-eusc-global",
        suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
    },
    Partition {
        prefix: "us-iso-",
        pseudo: "aws-iso-global",
        suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
    },
    Partition {
        prefix: "us-isob-",
        pseudo: "aws-iso-b-global",
        suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
    },
    Partition {
        prefix: "eu-isoe-",
        pseudo: "aws-iso-e-global",
        suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
    },
    Partition {
        prefix: "us-isof-",
        pseudo: "aws-iso-f-global",
        suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_region_if_it_has_one() {
        for (arn, region) in [
            ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.a.b", Some("eu-west-1")),
            ("arn:aws-cn:bedrock:cn-north-1::foundation-model/a.b-v1:0", Some("cn-north-1")),
            ("arn:aws:iam::123456789012:role/x", None),
            ("arn:aws:bedrock:us-east-1.evil.com/:1:x", None),
            ("arn:aws:bedrock", None),
            ("a.b-v1:0:us-east-1:x", None),
        ] {
            assert_eq!(Region::of_arn(arn).as_ref().map(Region::as_str), region, "{arn}");
        }
    }

    #[test]
    fn a_wrong_character_is_named_with_its_place() {
        for (name, wrong, at) in [
            ("us-east-1.evil.com/", '.', 9),
            ("us-east-1\r\nhost", '\r', 9),
            ("us east 1", ' ', 2),
            ("US-EAST-1", 'U', 0),
            ("-us-east-1", '-', 0),
            ("us-east-1-", '-', 9),
            ("us_east_1", '_', 2),
            ("us-öst-1", 'ö', 3),
            ("us-east-1@evil", '@', 9),
            ("us-east-1:80", ':', 9),
        ] {
            let expected =
                RegionError::Character { region: name.to_owned(), character: wrong, position: at };
            assert_eq!(Region::new(name), Err(expected), "{name}");
        }
    }

    #[test]
    fn length_is_that_of_a_host_label() {
        assert_eq!(Region::new(""), Err(RegionError::Empty));
        assert_eq!(Region::new("a".repeat(63)).unwrap().as_str().len(), 63);
        assert_eq!(Region::new("a".repeat(64)), Err(RegionError::TooLong { length: 64 }));
    }

    #[test]
    fn a_name_that_only_begins_like_a_partition_is_of_aws() {
        for name in ["cn-north", "cn-north-1a", "cn-", "us-gov-west", "us-gov--1", "eusc-fr-x-1"] {
            assert_eq!(Region(name.to_owned()).suffix(false), "amazonaws.com", "{name}");
        }
        assert_eq!(Region::new("cn-far-12").unwrap().suffix(false), "amazonaws.com.cn");
    }
}
