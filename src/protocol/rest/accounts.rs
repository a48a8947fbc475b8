//! Bodies of the requests and responses on accounts and tokens.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::ids::{FamilyId, UserId};
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

use super::passwords::password_fault;

/// Maximum length of a user name, in characters.
pub(crate) const MAX_USERNAME_CHARS: usize = 64;

/// The body of `POST /auth/register`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// The account's name, which is used to log in.
    #[schema(min_length = 3, max_length = 64, pattern = "^[A-Za-z0-9_.-]+$")]
    pub username: String,
    /// The email address: one `@` with text on both sides.
    #[schema(
        min_length = 3,
        max_length = 254,
        pattern = r"^[^@\s\u0000-\u001f\u007f-\u009f]+@[^@\s\u0000-\u001f\u007f-\u009f]+$"
    )]
    pub email: String,
    /// The password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub password: String,
}

/// The body of `POST /auth/login` as JSON.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The account's name.
    pub username: String,
    /// The account's password.
    #[schema(format = Password)]
    pub password: String,
    /// True to receive the refresh token as a cookie that scripts cannot read, instead of in the body.
    #[serde(default)]
    pub cookie: bool,
}

/// The body of `POST /auth/login` as the OAuth2 password form (RFC 6749, section 4.3.2).
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LoginForm {
    /// The account's name.
    pub username: String,
    /// The account's password.
    #[schema(format = Password)]
    pub password: String,
    /// The grant type; it may be left out.
    #[serde(default)]
    pub grant_type: GrantType,
}

/// The grant types that a login form accepts.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GrantType {
    /// By user name and password.
    #[default]
    Password,
}

/// Body of `POST /auth/refresh` and `POST /auth/logout`.
#[derive(Debug)]
pub(crate) struct Renewal {
    /// The login to renew or to end.
    pub login: WhichLogin,
    /// Identifies the request for a retry: 16 to 64 characters that nobody can guess. Within 10 s a
    /// repetition with the same id gets the same response; any other use of a spent token ends the
    /// login.
    pub client_request_id: Option<String>,
}

/// Identifies the login of a renewal or a logout.
#[derive(Debug)]
pub(crate) enum WhichLogin {
    /// The login of the cookie: `{"cookie": true}`.
    Cookie,
    /// The login of this refresh token, the newest of its family: `{"refresh_token": …}`.
    Token(String),
}

/// Valid lengths of a request's id, in characters: long enough to be hard to guess, and a UUID
/// fits.
const REQUEST_ID_CHARS: RangeInclusive<usize> = 16..=64;

impl<'de> Deserialize<'de> for Renewal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The members with values of any type, so that a wrong type gets an error message of our
        /// own.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Members {
            cookie: Option<Value>,
            refresh_token: Option<Value>,
            client_request_id: Option<String>,
        }
        let members = Members::deserialize(deserializer)?;
        let login = match (members.cookie, members.refresh_token) {
            (Some(Value::Bool(true)), _) => WhichLogin::Cookie,
            (_, Some(Value::String(token))) => WhichLogin::Token(token),
            (_, None) => return Err(D::Error::missing_field("refresh_token")),
            (_, Some(_)) => {
                let what = "the field `refresh_token` must be a string";
                return Err(D::Error::custom(what));
            }
        };
        Ok(Self {
            login,
            client_request_id: members.client_request_id,
        })
    }
}

impl Renewal {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let id = self.client_request_id.as_deref();
        let fits = id.is_none_or(|id| REQUEST_ID_CHARS.contains(&id.chars().count()));
        let fault = || FieldError::new("/client_request_id", "must have 16 to 64 characters");
        (!fits).then(fault).into_iter().collect()
    }
}

impl PartialSchema for Renewal {
    fn schema() -> RefOr<Schema> {
        let of = |kind, description: &str| {
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(kind))
                .description(Some(description))
        };
        let token = of(Type::String, "The newest refresh token of its family.");
        let cookie = of(Type::Boolean, "The token is in the cookie.").enum_values(Some([true]));
        let with = |name: &str, member: ObjectBuilder, other: &str| {
            let id = of(
                Type::String,
                "Names this request; within 10 s a repetition with the same id is answered as the first was.",
            );
            let id = id
                .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
                .min_length(Some(*REQUEST_ID_CHARS.start()))
                .max_length(Some(*REQUEST_ID_CHARS.end()));
            let anything = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
            ObjectBuilder::new()
                .property(name, member)
                .property(other, anything)
                .property("client_request_id", id)
                .required(name)
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        };
        AnyOfBuilder::new()
            .item(with("refresh_token", token, "cookie"))
            .item(with("cookie", cookie, "refresh_token"))
            .into()
    }
}

impl ToSchema for Renewal {
    fn name() -> Cow<'static, str> {
        "Renewal".into()
    }
}

/// The body of `POST /auth/password`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The current password.
    #[schema(format = Password)]
    pub current_password: String,
    /// The new password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub new_password: String,
}

/// The body of `POST /auth/delete`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteAccount {
    /// The account's password, so that a browser left logged in is not enough to delete the account.
    #[schema(format = Password)]
    pub current_password: String,
}

/// An access token, and the refresh token that renews it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// The access token (a JWT).
    pub access_token: String,
    /// `bearer`.
    #[schema(value_type = String, example = "bearer")]
    pub token_type: &'static str,
    /// The lifetime of the access token in seconds.
    pub expires_in: u64,
    /// The refresh token, which can be used once; absent if it is set as a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// A user account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// The account's id.
    pub id: UserId,
    /// The account's name, which is used to log in.
    pub username: String,
    /// The account's email address.
    pub email: String,
    /// The time at which the account was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
}

/// An active login, in the archive of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoginView {
    /// The login's id, which is the `sid` of its access tokens.
    pub id: FamilyId,
    /// The time of the login.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which the tokens were last renewed.
    #[serde(with = "rfc3339_millis")]
    pub renewed_at: DateTime<Utc>,
    /// The time at which the login expires unless it is renewed.
    #[serde(with = "rfc3339_millis")]
    pub expires_at: DateTime<Utc>,
}

impl From<LoginForm> for Login {
    fn from(form: LoginForm) -> Self {
        let LoginForm {
            username,
            password,
            grant_type: GrantType::Password,
        } = form;
        Self {
            username,
            password,
            cookie: false,
        }
    }
}

impl Register {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let name_length = self.username.chars().count();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if !(3..=MAX_USERNAME_CHARS).contains(&name_length) || !self.username.chars().all(allowed) {
            let detail = "must be 3 to 64 of the characters A-Z a-z 0-9 _ . -";
            faults.push(FieldError::new("/username", detail));
        }
        if !is_email(&self.email) {
            faults.push(FieldError::new("/email", "is not an email address"));
        }
        faults.extend(new_password_fault(
            "/password",
            &self.password,
            &self.username,
            &self.email,
        ));
        faults
    }
}

impl ChangePassword {
    /// Returns the fault of the new password for the account with this name and email address, if
    /// it has one.
    pub(crate) fn faults(&self, username: &str, email: &str) -> Vec<FieldError> {
        new_password_fault("/new_password", &self.new_password, username, email)
            .into_iter()
            .collect()
    }
}

/// Checks a new password for the account with this name and email address.
pub(crate) fn new_password_fault(
    pointer: &str,
    password: &str,
    username: &str,
    email: &str,
) -> Option<FieldError> {
    let mailbox = email.split('@').next().unwrap_or_default();
    password_fault(pointer, password, &[username, mailbox])
}

/// Checks the form of an address, not its existence: one `@` with text on both sides, no white
/// space or control characters, and at most 254 characters, the limit of SMTP.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let clean = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '@')
    };
    text.chars().count() <= 254 && clean(local) && clean(domain)
}

#[cfg(test)]
#[path = "tests/accounts.rs"]
mod tests;
