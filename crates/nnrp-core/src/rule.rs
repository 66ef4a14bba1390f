//! The rule identifiers behind `InvalidProtocolCombination` and `InvalidOperationRelationship`.

/// Declares [`Rule`] from one table: variant, identifier of the specification, stable number.
macro_rules! rules {
    ($($variant:ident = $number:literal, $identifier:literal;)*) => {
        /// A rule that a message or an operation broke (spec 05 §5.5).
        ///
        /// The identifier stands for the text that an implementation would print; it never
        /// travels on the wire. Numbers are stable and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!("`", $identifier, "`")] $variant = $number,)*
        }

        impl Rule {
            /// Every rule, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The identifier of spec 05 §5.5.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $identifier,)* }
            }

            /// The stable number of the rule.
            #[must_use]
            pub const fn code(self) -> u16 {
                self as u16
            }
        }
    };
}

rules! {
    ClientHelloVersionWindowOrder = 1, "client_hello.version_window_order";
    ClientHelloVersionWindowExcludesCurrent = 2, "client_hello.version_window_excludes_current";
    ClientHelloWireFormatMissing = 3, "client_hello.wire_format_missing";
    ClientHelloProfileBitmapEmpty = 4, "client_hello.profile_bitmap_empty";
    ClientHelloPayloadKindBitmapEmpty = 5, "client_hello.payload_kind_bitmap_empty";
    HelloAckVersionOutsideWindow = 6, "hello_ack.version_outside_window";
    HelloAckWireFormatNotOffered = 7, "hello_ack.wire_format_not_offered";
    HelloAckProfileNotSubset = 8, "hello_ack.profile_not_subset";
    HelloAckPayloadKindNotSubset = 9, "hello_ack.payload_kind_not_subset";
    HelloAckCodecNotSubset = 10, "hello_ack.codec_not_subset";
    HelloAckCompressionNotSubset = 11, "hello_ack.compression_not_subset";
    HelloAckDtypeNotSubset = 12, "hello_ack.dtype_not_subset";
    HelloAckLayoutNotSubset = 13, "hello_ack.layout_not_subset";
    HelloAckCacheDigestNotSubset = 14, "hello_ack.cache_digest_not_subset";
    HelloAckCacheObjectNotSubset = 15, "hello_ack.cache_object_not_subset";
    SessionMigrateOldTransportUnspecified = 16, "session_migrate.old_transport_unspecified";
    SessionMigrateNewTransportUnspecified = 17, "session_migrate.new_transport_unspecified";
    ErrorFatalNotBoolean = 18, "error.fatal_not_boolean";
    CloseHeaderShape = 19, "close.header_shape";
    EmptyControlHeaderShape = 20, "empty_control.header_shape";
    FrameSubmitTensorFieldsWithoutTensor = 21, "frame_submit.tensor_fields_without_tensor";
    ResultPushTensorFieldsWithoutTensor = 22, "result_push.tensor_fields_without_tensor";
    ResultDropHeaderShape = 23, "result_drop.header_shape";
    FlowUpdateNotFlowUpdateHeader = 24, "flow_update.not_flow_update_header";
    FlowUpdateConnectionScopeFields = 25, "flow_update.connection_scope_fields";
    FlowUpdateSessionScopeFields = 26, "flow_update.session_scope_fields";
    FlowUpdateOperationScopeFields = 27, "flow_update.operation_scope_fields";
    FlowUpdateRetryAfterFlagMissing = 28, "flow_update.retry_after_flag_missing";
    BodyPreludeObjectReferenceAlignment = 29, "body_prelude.object_reference_alignment";
    ObjectRegionLengthAlignment = 30, "object_region.length_alignment";
    ObjectRegionSlotsUnsorted = 31, "object_region.slots_unsorted";
    ObjectRegionSlotDuplicate = 32, "object_region.slot_duplicate";
    ObjectRegionSlotWithoutMaskBit = 33, "object_region.slot_without_mask_bit";
    ObjectRegionMaskMismatch = 34, "object_region.mask_mismatch";
    ObjectRegionUnresolved = 35, "object_region.unresolved";
    ObjectRefMaskInlineNonzero = 36, "object_ref_mask.inline_nonzero";
    ObjectRefMaskReferenceZero = 37, "object_ref_mask.reference_zero";
    TypedRegionDescriptorLength = 38, "typed_region.descriptor_length";
    TypedRegionZeroCountNotEmpty = 39, "typed_region.zero_count_not_empty";
    TypedRegionTensorProfileInNonTensor = 40, "typed_region.tensor_profile_in_non_tensor";
    TypedRegionTokenProfileRequired = 41, "typed_region.token_profile_required";
    TypedRegionNotContiguous = 42, "typed_region.not_contiguous";
    TypedRegionOutOfRange = 43, "typed_region.out_of_range";
    TypedRegionNotCovered = 44, "typed_region.not_covered";
    OpenAckSuccessZeroSession = 45, "open_ack.success_zero_session";
    OpenAckRejectNonzeroSession = 46, "open_ack.reject_nonzero_session";
    SessionCloseWrongHeader = 47, "session_close.wrong_header";
    SessionCloseZeroSession = 48, "session_close.zero_session";
    SessionCloseAckWrongHeader = 49, "session_close_ack.wrong_header";
    SessionCloseAckZeroSession = 50, "session_close_ack.zero_session";
    ResumeFlagMissing = 51, "resume.flag_missing";
    ResumeUnboundToken = 52, "resume.unbound_token";
    ResumeAckEnabledIncomplete = 53, "resume_ack.enabled_incomplete";
    ResumeAckNoTokenRequested = 54, "resume_ack.no_token_requested";
    ResumeAckErrorPresent = 55, "resume_ack.error_present";
    ResumeAckEnabledMissing = 56, "resume_ack.enabled_missing";
    MigrateSameTransport = 57, "migrate.same_transport";
    MigrateCursorRegressed = 58, "migrate.cursor_regressed";
    OperationZeroSession = 59, "operation.zero_session";
    OperationZeroId = 60, "operation.zero_id";
    OperationSelfParent = 61, "operation.self_parent";
    OperationZeroGroup = 62, "operation.zero_group";
    OperationParentOtherSession = 63, "operation.parent_other_session";
    CancelSessionMismatch = 64, "cancel.session_mismatch";
    CancelGroupMissing = 65, "cancel.group_missing";
}
