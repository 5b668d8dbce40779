//! One method an operation.

use super::call::Client;
use super::error::Error;
use super::pages::Pages;
use super::stream::{ConverseStream, InvokeModelStream};
use crate::model::{
    ApplyGuardrailRequest, ApplyGuardrailResponse, ConverseResponse, CountTokensRequest,
    CountTokensResponse, GetAsyncInvokeResponse, GetFoundationModelResponse,
    GetInferenceProfileResponse, GuardrailConfiguration, GuardrailStreamConfiguration,
    InvokeGuardrailChecksRequest, InvokeGuardrailChecksResponse, InvokeModelRequest,
    InvokeModelResponse, ListAsyncInvokesRequest, ListAsyncInvokesResponse,
    ListFoundationModelsRequest, ListFoundationModelsResponse, ListInferenceProfilesRequest,
    ListInferenceProfilesResponse, StartAsyncInvokeRequest, StartAsyncInvokeResponse,
};
use crate::operation::{
    Answer, ConverseInput, ModelId, ModelIdError, Operation, Paged, apply_guardrail, converse,
    converse_stream, count_tokens, get_async_invoke, get_foundation_model, get_inference_profile,
    invoke_guardrail_checks, invoke_model, invoke_model_with_response_stream, list_async_invokes,
    list_foundation_models, list_inference_profiles, start_async_invoke,
};
use crate::unique;

impl Client {
    /// Asks and waits for the whole answer: with a
    /// [`ConverseRequest`](crate::model::ConverseRequest), or with a
    /// [`Conversation`](crate::operation::Conversation), which costs what is new
    /// in it.
    ///
    /// AWS: [`Converse`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn converse<M>(
        &self,
        model: M,
        input: &impl ConverseInput<GuardrailConfiguration>,
    ) -> Result<Answer<ConverseResponse>, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let (model, endpoint) = self.model(Operation::Converse, model)?;
        let request = converse::build(&endpoint, &model, input)?;
        self.call(request, converse::parse).await
    }

    /// Asks and gives the answer as it is written, from when its first event is
    /// there: until then the request may be sent again. It is a
    /// [`ConverseStreamRequest`](crate::model::ConverseStreamRequest), or a
    /// [`Conversation`](crate::operation::Conversation), which costs what is new
    /// in it. Dropping the stream cancels the call.
    ///
    /// AWS: [`ConverseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
    ///
    /// # Errors
    /// Where no stream came: see [`Error::kind`]. A stream that failed with its
    /// first event is handed out and fails with it.
    pub async fn converse_stream<M>(
        &self,
        model: M,
        input: &impl ConverseInput<GuardrailStreamConfiguration>,
    ) -> Result<ConverseStream, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let (model, endpoint) = self.model(Operation::ConverseStream, model)?;
        let request = converse_stream::build(&endpoint, &model, input)?;
        self.stream(request).await
    }

    /// Asks in the model's own format and waits for the whole answer; both pass
    /// unread.
    ///
    /// AWS: [`InvokeModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn invoke_model<M>(
        &self,
        model: M,
        input: &InvokeModelRequest,
    ) -> Result<Answer<InvokeModelResponse>, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let (model, endpoint) = self.model(Operation::InvokeModel, model)?;
        let request = invoke_model::build(&endpoint, &model, input)?;
        self.call(request, invoke_model::parse).await
    }

    /// Asks in the model's own format and gives the answer as it is written,
    /// from when its first piece is there: until then the request may be sent
    /// again. Dropping the stream cancels the call.
    ///
    /// AWS: [`InvokeModelWithResponseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html).
    ///
    /// # Errors
    /// Where no stream came: see [`Error::kind`]. A stream that failed with its
    /// first piece is handed out and fails with it.
    pub async fn invoke_model_with_response_stream<M>(
        &self,
        model: M,
        input: &InvokeModelRequest,
    ) -> Result<InvokeModelStream, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let (model, endpoint) = self.model(Operation::InvokeModelWithResponseStream, model)?;
        let request = invoke_model_with_response_stream::build(&endpoint, &model, input)?;
        self.stream(request).await
    }

    /// Counts the tokens of a request without asking the model.
    ///
    /// AWS: [`CountTokens`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn count_tokens<M>(
        &self,
        model: M,
        input: &CountTokensRequest,
    ) -> Result<Answer<CountTokensResponse>, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let (model, endpoint) = self.model(Operation::CountTokens, model)?;
        let request = count_tokens::build(&endpoint, &model, input)?;
        self.call(request, count_tokens::parse).await
    }

    /// Puts content through a guardrail, without a model. `guardrail` is an id
    /// or ARN, `version` a number or `DRAFT`.
    ///
    /// AWS: [`ApplyGuardrail`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn apply_guardrail(
        &self,
        guardrail: &str,
        version: &str,
        input: &ApplyGuardrailRequest,
    ) -> Result<Answer<ApplyGuardrailResponse>, Error> {
        let request = apply_guardrail::build(
            &self.endpoint_for(Operation::ApplyGuardrail, guardrail)?,
            guardrail,
            version,
            input,
        )?;
        self.call(request, apply_guardrail::parse).await
    }

    /// Puts messages through checks, without a guardrail or a model.
    ///
    /// AWS: [`InvokeGuardrailChecks`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn invoke_guardrail_checks(
        &self,
        input: &InvokeGuardrailChecksRequest,
    ) -> Result<Answer<InvokeGuardrailChecksResponse>, Error> {
        let request = invoke_guardrail_checks::build(
            &self.endpoint_for(Operation::InvokeGuardrailChecks, "")?,
            input,
        )?;
        self.call(request, invoke_guardrail_checks::parse).await
    }

    /// Starts an invocation whose output goes to S3.
    ///
    /// `clientRequestToken` is a new UUID where the input has none, so that the
    /// client may send the request twice and start one invocation (Smithy,
    /// `idempotencyToken`). Another call has another token: who calls again
    /// after a failure sets one. The operation's own
    /// [`build`](start_async_invoke::build) adds none.
    ///
    /// AWS: [`StartAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn start_async_invoke(
        &self,
        input: &StartAsyncInvokeRequest,
    ) -> Result<Answer<StartAsyncInvokeResponse>, Error> {
        let endpoint = &self.endpoint_for(Operation::StartAsyncInvoke, "")?;
        let request = if input.client_request_token.is_some() {
            start_async_invoke::build(endpoint, input)
        } else {
            start_async_invoke::build(endpoint, &input.clone().client_request_token(unique::uuid()))
        };
        self.call(request?, start_async_invoke::parse).await
    }

    /// How far an invocation is.
    ///
    /// AWS: [`GetAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GetAsyncInvoke.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn get_async_invoke(
        &self,
        invocation_arn: &str,
    ) -> Result<Answer<GetAsyncInvokeResponse>, Error> {
        let request = get_async_invoke::build(
            &self.endpoint_for(Operation::GetAsyncInvoke, invocation_arn)?,
            invocation_arn,
        )?;
        self.call(request, get_async_invoke::parse).await
    }

    /// A page of invocations; [`pages`](Self::pages) gives all.
    ///
    /// AWS: [`ListAsyncInvokes`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ListAsyncInvokes.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn list_async_invokes(
        &self,
        input: &ListAsyncInvokesRequest,
    ) -> Result<Answer<ListAsyncInvokesResponse>, Error> {
        let request =
            list_async_invokes::build(&self.endpoint_for(Operation::ListAsyncInvokes, "")?, input)?;
        self.call(request, list_async_invokes::parse).await
    }

    /// The models of the region.
    ///
    /// AWS: [`ListFoundationModels`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn list_foundation_models(
        &self,
        input: &ListFoundationModelsRequest,
    ) -> Result<Answer<ListFoundationModelsResponse>, Error> {
        let request = list_foundation_models::build(
            &self.endpoint_for(Operation::ListFoundationModels, "")?,
            input,
        )?;
        self.call(request, list_foundation_models::parse).await
    }

    /// What a model is, by its id or ARN.
    ///
    /// AWS: [`GetFoundationModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModel.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn get_foundation_model(
        &self,
        model: &str,
    ) -> Result<Answer<GetFoundationModelResponse>, Error> {
        let request = get_foundation_model::build(
            &self.endpoint_for(Operation::GetFoundationModel, model)?,
            model,
        )?;
        self.call(request, get_foundation_model::parse).await
    }

    /// A page of inference profiles; [`pages`](Self::pages) gives all.
    ///
    /// AWS: [`ListInferenceProfiles`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn list_inference_profiles(
        &self,
        input: &ListInferenceProfilesRequest,
    ) -> Result<Answer<ListInferenceProfilesResponse>, Error> {
        let request = list_inference_profiles::build(
            &self.endpoint_for(Operation::ListInferenceProfiles, "")?,
            input,
        )?;
        self.call(request, list_inference_profiles::parse).await
    }

    /// What an inference profile is, by its id or ARN.
    ///
    /// AWS: [`GetInferenceProfile`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn get_inference_profile(
        &self,
        profile: &str,
    ) -> Result<Answer<GetInferenceProfileResponse>, Error> {
        let request = get_inference_profile::build(
            &self.endpoint_for(Operation::GetInferenceProfile, profile)?,
            profile,
        )?;
        self.call(request, get_inference_profile::parse).await
    }

    /// All pages of a list, from the one that `input` names on.
    ///
    /// ```no_run
    /// use bedrock_wire::client::{Client, Error};
    /// use bedrock_wire::model::ListInferenceProfilesRequest;
    ///
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let mut pages = client.pages(ListInferenceProfilesRequest::new());
    /// while let Some(page) = pages.next().await {
    ///     for profile in page?.inference_profile_summaries.iter().flatten() {
    ///         println!("{}", profile.inference_profile_id);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<R: Paged>(&self, input: R) -> Pages<R> {
        Pages::new(self.clone(), input)
    }

    pub(super) async fn page<R: Paged>(&self, input: &R) -> Result<Answer<R::Page>, Error> {
        let request = input.build(&self.endpoint_for(R::OPERATION, "")?)?;
        self.call(request, R::parse).await
    }
}
