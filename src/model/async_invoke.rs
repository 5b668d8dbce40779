//! Invocations whose output goes to S3.

use super::shape::{Document, Text, Timestamp, enumeration, structure, union};

structure! {
    /// The body of a StartAsyncInvoke request.
    ///
    /// AWS: [`StartAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html).
    StartAsyncInvokeRequest {
        required {
            /// The model. This operation has it in the body.
            ///
            /// Constraints: 1 to 256 characters; pattern `[a-zA-Z_\.\-/0-9:]+`.
            model_id: Text = "modelId",
            /// The `modelInput` of AWS's model.
            model_input: Document = "modelInput",
            /// Where the output goes.
            output_data_config: AsyncInvokeOutputDataConfig = "outputDataConfig",
        }
        optional {
            /// A token that makes the request safe to repeat.
            ///
            /// Constraints: 1 to 256 characters; pattern `[!-~]*`.
            client_request_token: Text = "clientRequestToken",
            /// The `tags`.
            ///
            /// Constraints: at most 200 items.
            tags: Vec<Tag> = "tags",
        }
    }
}

structure! {
    /// A key and a value on a resource.
    ///
    /// AWS: [`Tag`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Tag.html).
    Tag {
        required {
            /// The `key` of AWS's model.
            ///
            /// Constraints: 1 to 128 characters; pattern `[a-zA-Z0-9\s._:/=+@-]*`.
            key: Text = "key",
            /// The `value` of AWS's model.
            ///
            /// Constraints: at most 256 characters; pattern `[a-zA-Z0-9\s._:/=+@-]*`.
            value: Text = "value",
        }
    }
}

structure! {
    /// The invocation that was started.
    ///
    /// AWS: [`StartAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html).
    StartAsyncInvokeResponse {
        required {
            /// The `invocationArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:async-invoke/[a-z0-9]{12}`.
            invocation_arn: Text = "invocationArn",
        }
    }
}

structure! {
    /// An invocation and how far it is.
    ///
    /// AWS: [`GetAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GetAsyncInvoke.html).
    GetAsyncInvokeResponse {
        required {
            /// The `invocationArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:async-invoke/[a-z0-9]{12}`.
            invocation_arn: Text = "invocationArn",
            /// The `modelArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters.
            model_arn: Text = "modelArn",
            /// How far an invocation is.
            status: AsyncInvokeStatus = "status",
            /// The `submitTime` of AWS's model.
            submit_time: Timestamp = "submitTime",
            /// Where the output goes.
            output_data_config: AsyncInvokeOutputDataConfig = "outputDataConfig",
        }
        optional {
            /// The `clientRequestToken` of AWS's model.
            ///
            /// Constraints: 1 to 256 characters; pattern `[!-~]*`.
            client_request_token: Text = "clientRequestToken",
            /// The `failureMessage` of AWS's model.
            ///
            /// Constraints: at most 2048 characters.
            failure_message: Text = "failureMessage",
            /// The `lastModifiedTime` of AWS's model.
            last_modified_time: Timestamp = "lastModifiedTime",
            /// The `endTime` of AWS's model.
            end_time: Timestamp = "endTime",
        }
    }
}

enumeration! {
    /// How far an invocation is.
    AsyncInvokeStatus {
        InProgress = "InProgress",
        Completed = "Completed",
        Failed = "Failed",
    }
}

union! {
    /// Where the output goes.
    ///
    /// AWS: [`AsyncInvokeOutputDataConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AsyncInvokeOutputDataConfig.html).
    AsyncInvokeOutputDataConfig {
        /// The place in S3 that the output goes to.
        S3OutputDataConfig(AsyncInvokeS3OutputDataConfig) = "s3OutputDataConfig",
    }
}

structure! {
    /// The place in S3 that the output goes to.
    ///
    /// AWS: [`AsyncInvokeS3OutputDataConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AsyncInvokeS3OutputDataConfig.html).
    AsyncInvokeS3OutputDataConfig {
        required {
            /// The `s3Uri` of AWS's model.
            ///
            /// Constraints: 1 to 1024 characters; pattern `s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?`.
            s3_uri: Text = "s3Uri",
        }
        optional {
            /// The `kmsKeyId` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters.
            kms_key_id: Text = "kmsKeyId",
            /// The `bucketOwner` of AWS's model.
            ///
            /// Constraints: pattern `[0-9]{12}`.
            bucket_owner: Text = "bucketOwner",
        }
    }
}

structure! {
    /// Which invocations to list; goes into the query.
    ///
    /// AWS: [`ListAsyncInvokes`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ListAsyncInvokes.html).
    ListAsyncInvokesRequest {
        optional {
            /// The `submitTimeAfter` of AWS's model.
            submit_time_after: Timestamp = "submitTimeAfter",
            /// The `submitTimeBefore` of AWS's model.
            submit_time_before: Timestamp = "submitTimeBefore",
            /// How far an invocation is.
            status_equals: AsyncInvokeStatus = "statusEquals",
            /// The `maxResults` of AWS's model.
            ///
            /// Constraints: 1 to 1000.
            max_results: i32 = "maxResults",
            /// The `nextToken` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `\S*`.
            next_token: Text = "nextToken",
            /// What a list of invocations is sorted by.
            sort_by: SortAsyncInvocationBy = "sortBy",
            /// The direction of a sorted list.
            sort_order: SortOrder = "sortOrder",
        }
    }
}

enumeration! {
    /// What a list of invocations is sorted by.
    SortAsyncInvocationBy {
        SubmissionTime = "SubmissionTime",
    }
}

enumeration! {
    /// The direction of a sorted list.
    SortOrder {
        Ascending = "Ascending",
        Descending = "Descending",
    }
}

structure! {
    /// A page of invocations.
    ///
    /// AWS: [`ListAsyncInvokes`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ListAsyncInvokes.html).
    ListAsyncInvokesResponse {
        optional {
            /// The `nextToken` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `\S*`.
            next_token: Text = "nextToken",
            /// The `asyncInvokeSummaries`.
            async_invoke_summaries: Vec<AsyncInvokeSummary> = "asyncInvokeSummaries",
        }
    }
}

structure! {
    /// An invocation in a list.
    ///
    /// AWS: [`AsyncInvokeSummary`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AsyncInvokeSummary.html).
    AsyncInvokeSummary {
        required {
            /// The `invocationArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:async-invoke/[a-z0-9]{12}`.
            invocation_arn: Text = "invocationArn",
            /// The `modelArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters.
            model_arn: Text = "modelArn",
            /// The `submitTime` of AWS's model.
            submit_time: Timestamp = "submitTime",
            /// Where the output goes.
            output_data_config: AsyncInvokeOutputDataConfig = "outputDataConfig",
        }
        optional {
            /// The `clientRequestToken` of AWS's model.
            ///
            /// Constraints: 1 to 256 characters; pattern `[!-~]*`.
            client_request_token: Text = "clientRequestToken",
            /// How far an invocation is.
            status: AsyncInvokeStatus = "status",
            /// The `failureMessage` of AWS's model.
            ///
            /// Constraints: at most 2048 characters.
            failure_message: Text = "failureMessage",
            /// The `lastModifiedTime` of AWS's model.
            last_modified_time: Timestamp = "lastModifiedTime",
            /// The `endTime` of AWS's model.
            end_time: Timestamp = "endTime",
        }
    }
}
