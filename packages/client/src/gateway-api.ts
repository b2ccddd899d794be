// The shapes of /v1, written from the gateway's OpenAPI document by
// `node scripts/client-types.mjs`; do not edit.

export interface paths {
    "/v1/admin/concerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Creates a concert. */
        post: operations["postAdminConcerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/concerts/{concertId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes the given texts of a concert. */
        patch: operations["patchAdminConcertsConcertId"];
        trace?: never;
    };
    "/v1/admin/concerts/{concertId}/sales-report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Money taken and given back, per schedule. */
        get: operations["getAdminConcertsConcertIdSalesReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/concerts/{concertId}/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds a day with its seats and prices. */
        post: operations["postAdminConcertsConcertIdSchedules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/schedules/{scheduleId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes time or waiting room, opens or closes the sale. */
        patch: operations["patchAdminSchedulesScheduleId"];
        trace?: never;
    };
    "/v1/admin/schedules/{scheduleId}/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Adds seats or changes prices; what is held keeps its price. */
        put: operations["putAdminSchedulesScheduleIdSeats"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/waiting-rooms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every waiting room with its policy and counts. */
        get: operations["getAdminWaitingRooms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/waiting-rooms/{room}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One waiting room. */
        get: operations["getAdminWaitingRoomsRoom"];
        /** Creates a waiting room or changes the given fields of its policy, live. */
        put: operations["putAdminWaitingRoomsRoom"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/concerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Concerts by id. */
        get: operations["getConcerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/concerts/{concertId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One concert. */
        get: operations["getConcertsConcertId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/concerts/{concertId}/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Schedules of a concert by start, with the seats left. */
        get: operations["getConcertsConcertIdSchedules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ops/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Parked messages with origin and cause, and how many died of the same cause. */
        get: operations["getOpsDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ops/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Depth, unacknowledged, consumers and oldest age of every queue. */
        get: operations["getOpsQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ops/sagas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sagas, newest first, by any id and by state. */
        get: operations["getOpsSagas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ops/sagas/{sagaId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One saga with the timeline of its steps. */
        get: operations["getOpsSagasSagaId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own payments, newest first. */
        get: operations["getPayments"];
        put?: never;
        /** Pays a hold, wholly or not at all. */
        post: operations["postPayments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{paymentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One payment with the steps it took. */
        get: operations["getPaymentsPaymentId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own refunds, newest first. */
        get: operations["getRefunds"];
        put?: never;
        /** Gives the money for a reservation, or for some of its seats, back; never twice. */
        post: operations["postRefunds"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds/{refundId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One refund. */
        get: operations["getRefundsRefundId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own reservations, newest first. */
        get: operations["getReservations"];
        put?: never;
        /** Holds seats of one schedule for some minutes: all of them or none. */
        post: operations["postReservations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations/{reservationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One reservation. */
        get: operations["getReservationsReservationId"];
        put?: never;
        post?: never;
        /** Releases a hold, or cancels a paid reservation so that it can be refunded. */
        delete: operations["deleteReservationsReservationId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations/{reservationId}/extension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a hold its full time again, once. */
        post: operations["postReservationsReservationIdExtension"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{scheduleId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One schedule. */
        get: operations["getSchedulesScheduleId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{scheduleId}/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every seat of a schedule with price and status; may be a moment old. */
        get: operations["getSchedulesScheduleIdSeats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A token for a user, while the gateway runs in open mode. */
        post: operations["postTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Creates a user with an empty wallet. */
        post: operations["postUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/waiting-rooms/{room}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a place; asking again returns the same one. */
        post: operations["postWaitingRoomsRoomEntries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/waiting-rooms/{room}/entries/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own place; asking keeps it alive. Ask again after `nextPollMs`. */
        get: operations["getWaitingRoomsRoomEntriesMe"];
        put?: never;
        post?: never;
        /** Gives the own place up. */
        delete: operations["deleteWaitingRoomsRoomEntriesMe"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/wallet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own balance. */
        get: operations["getWallet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/wallet/charges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts money into the own wallet. */
        post: operations["postWalletCharges"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/wallet/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What moved in the own wallet, newest first. */
        get: operations["getWalletEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Concert: {
            concertId: number;
            description: string;
            name: string;
            venue: string;
            version: number;
        };
        Payment: {
            amountKrw: number | null;
            completedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            failure: string | null;
            paymentId: number;
            refundedKrw: number;
            reservationId: number;
            scheduleId: number | null;
            /** @enum {string} */
            state: "PENDING" | "COMPLETED" | "FAILED" | "PARTIALLY_REFUNDED" | "REFUNDED";
            userId: number;
        };
        /** @description RFC 9457. Decide by `code`; show `title` and `detail` to people. */
        Problem: {
            code: string;
            detail?: string;
            /** @description Facts of a refusal, such as the seats that were taken. */
            details?: Record<string, unknown>;
            /** @description Of VALIDATION_FAILED: everything that is wrong, and where. */
            errors?: {
                /** @description A JSON pointer into the body, or a name. */
                at: string;
                /** @enum {unknown} */
                in: "body" | "query" | "path" | "header";
                message: string;
            }[];
            requestId: string;
            status: number;
            title: string;
            /** @example urn:encore:problem:validation-failed */
            type: string;
        };
        /** @enum {string} */
        ProblemCode: "AUTHENTICATION_REQUIRED" | "BODY_TOO_LARGE" | "CONCERT_NOT_FOUND" | "CONCERT_SCHEDULE_IN_THE_PAST" | "CONCERT_SCHEDULE_NOT_FOUND" | "CONCERT_SEATS_INVALID" | "ENTRY_EXPIRED" | "ENTRY_REQUIRED" | "ENTRY_USED" | "ENTRY_WAITING" | "FORBIDDEN" | "HEADERS_TOO_LARGE" | "IDEMPOTENCY_IN_PROGRESS" | "IDEMPOTENCY_KEY_REUSED" | "INTERNAL" | "MALFORMED_JSON" | "MALFORMED_REQUEST" | "OPEN_MODE_ONLY" | "OUTCOME_UNKNOWN" | "PAYMENT_ABANDONED" | "PAYMENT_ALREADY_COMPLETED" | "PAYMENT_ALREADY_REFUNDED" | "PAYMENT_IN_PROGRESS" | "PAYMENT_NOT_FOUND" | "PAYMENT_NOT_REFUNDABLE" | "PAYMENT_NOT_YOURS" | "PAYMENT_REFUND_IN_PROGRESS" | "PAYMENT_REFUND_NOT_FOUND" | "PAYMENT_REFUND_TOO_LATE" | "PAYMENT_SAGA_NOT_FOUND" | "PAYMENT_SEAT_NOT_PAID" | "QUEUE_ENTRY_NOT_FOUND" | "QUEUE_ROOM_DRAINING" | "QUEUE_ROOM_NOT_FOUND" | "QUEUE_SCHEDULE_NOT_FOUND" | "RATE_LIMITED" | "REQUEST_TIMEOUT" | "RESERVATION_ALREADY_EXTENDED" | "RESERVATION_ALREADY_PAID" | "RESERVATION_AMOUNT_DIFFERS" | "RESERVATION_CONCERT_STARTED" | "RESERVATION_COOLDOWN" | "RESERVATION_EXPIRED" | "RESERVATION_NOT_ENOUGH_SEATS" | "RESERVATION_NOT_FOUND" | "RESERVATION_NOT_HELD" | "RESERVATION_NOT_PAID" | "RESERVATION_NOT_PINNED" | "RESERVATION_NOT_YOURS" | "RESERVATION_PAYMENT_RUNNING" | "RESERVATION_PIN_WITHDRAWN" | "RESERVATION_SALE_CLOSED" | "RESERVATION_SCHEDULE_NOT_FOUND" | "RESERVATION_SEATS_ALREADY_REFUNDED" | "RESERVATION_SEATS_TAKEN" | "RESERVATION_SEAT_CAP_REACHED" | "RESERVATION_SEAT_NOT_FOUND" | "ROLE_REQUIRED" | "SERVICE_UNAVAILABLE" | "SHUTTING_DOWN" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "UNSUPPORTED_MEDIA_TYPE" | "URI_TOO_LONG" | "VALIDATION_FAILED" | "WALLET_AMOUNT_OUT_OF_RANGE" | "WALLET_CAP_REACHED" | "WALLET_DAILY_CAP_REACHED" | "WALLET_DEBIT_WITHDRAWN" | "WALLET_INSUFFICIENT_BALANCE" | "WALLET_USER_NOT_FOUND";
        Refund: {
            amountKrw: number;
            completedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            failure: string | null;
            paymentId: number;
            reason: string | null;
            refundId: number;
            reservationId: number;
            seatNumbers: number[];
            /** @enum {string} */
            state: "PENDING" | "COMPLETED" | "FAILED";
            userId: number;
        };
        Reservation: {
            amountKrw: number;
            concertId: number;
            concertName: string;
            /** Format: date-time */
            createdAt: string;
            expiresAt: string | null;
            extended: boolean;
            paymentId: number | null;
            reservationId: number;
            scheduleId: number;
            seats: {
                cancelled: boolean;
                priceKrw: number;
                seatId: number;
                seatNumber: number;
            }[];
            /** Format: date-time */
            startsAt: string;
            /** @enum {string} */
            state: "HELD" | "PAYING" | "CONFIRMED" | "CANCELLED" | "REFUNDED" | "EXPIRED" | "RELEASED";
            userId: number;
        };
        Saga: {
            attempt: number;
            definition: string;
            nextAskAt: string | null;
            paymentId: number;
            reason: string | null;
            refundId: number | null;
            requestId: string | null;
            reservationId: number;
            /** Format: uuid */
            sagaId: string;
            /** Format: date-time */
            startedAt: string;
            /** @enum {string} */
            state: "RUNNING" | "COMPLETED" | "COMPENSATING" | "COMPENSATED" | "NEEDS_ATTENTION";
            step: string | null;
            /** Format: date-time */
            updatedAt: string;
            userId: number;
        };
        SagaLogEntry: {
            /** Format: date-time */
            at: string;
            attempt: number;
            /** @enum {string} */
            event: "STARTED" | "ASKED" | "ASKED_AGAIN" | "ACCEPTED" | "REFUSED" | "UNDO_ASKED" | "UNDO_ASKED_AGAIN" | "UNDONE" | "UNDO_REFUSED" | "GAVE_UP_WAITING" | "COMPLETED" | "COMPENSATED" | "NEEDS_ATTENTION" | "RESUMED";
            messageId: string | null;
            reason: string | null;
            sequence: number;
            step: string | null;
        };
        Schedule: {
            concertId: number;
            concertName: string;
            saleOpen: boolean;
            /** Format: date-time */
            salesOpenAt: string;
            scheduleId: number;
            seatCount: number;
            seatsLeft: number;
            /** Format: date-time */
            startsAt: string;
            version: number;
            waitingRoomId: string;
        };
        Seat: {
            priceKrw: number;
            seatId: number;
            seatNumber: number;
            /** @enum {string} */
            status: "FREE" | "HELD" | "SOLD";
        };
        WaitingRoom: {
            active: number;
            admissionsPerSecondMeasured: number | null;
            policy: components["schemas"]["WaitingRoomPolicy"];
            roomId: string;
            seatsLeft: number | null;
            waiting: number;
        };
        WaitingRoomEntry: {
            activeUntil: string | null;
            entryId: number;
            estimatedWaitSeconds: number | null;
            /** Format: date-time */
            joinedAt: string;
            /** Format: date-time */
            lapsesAt: string;
            nextPollMs: number;
            position: number;
            positionIsExact: boolean;
            roomId: string;
            /** @enum {string} */
            state: "WAITING" | "ACTIVE" | "USED" | "EXPIRED" | "LEFT";
            userId: number;
        };
        WaitingRoomPolicy: {
            activeCap: number;
            activeSeconds: number;
            admissionsPerSecond: number;
            draining: boolean;
            graceSeconds: number;
            paused: boolean;
            scheduleId: number | null;
        };
        Wallet: {
            balanceKrw: number;
            userId: number;
        };
        WalletEntry: {
            amountKrw: number;
            balanceAfterKrw: number;
            /** Format: date-time */
            createdAt: string;
            entryId: number;
            /** @enum {string} */
            kind: "CHARGE" | "PAYMENT" | "PAYMENT_RETURNED" | "REFUND";
            paymentId: number | null;
            refundId: number | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export interface operations {
    postAdminConcerts: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default  */
                    description?: string;
                    name: string;
                    /** @default  */
                    venue?: string;
                };
            };
        };
        responses: {
            /** @description The concert. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Concert"];
                };
            };
        };
    };
    patchAdminConcertsConcertId: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                concertId: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    description?: string;
                    name?: string;
                    venue?: string;
                };
            };
        };
        responses: {
            /** @description The concert as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Concert"];
                };
            };
        };
    };
    getAdminConcertsConcertIdSalesReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                concertId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        concertId: number;
                        schedules: {
                            grossKrw: number;
                            netKrw: number;
                            payments: number;
                            refundedKrw: number;
                            scheduleId: number;
                            seatsSold: number;
                        }[];
                    };
                };
            };
        };
    };
    postAdminConcertsConcertIdSchedules: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                concertId: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default true */
                    saleOpen?: boolean;
                    /** Format: date-time */
                    salesOpenAt?: string;
                    seats: {
                        from: number;
                        priceKrw: number;
                        to: number;
                    }[];
                    /** Format: date-time */
                    startsAt: string;
                    /** @default default */
                    waitingRoomId?: string;
                };
            };
        };
        responses: {
            /** @description The schedule. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
        };
    };
    patchAdminSchedulesScheduleId: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    saleOpen?: boolean;
                    /** Format: date-time */
                    salesOpenAt?: string;
                    /** Format: date-time */
                    startsAt?: string;
                    waitingRoomId?: string;
                };
            };
        };
        responses: {
            /** @description The schedule as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
        };
    };
    putAdminSchedulesScheduleIdSeats: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    seats: {
                        from: number;
                        priceKrw: number;
                        to: number;
                    }[];
                };
            };
        };
        responses: {
            /** @description The schedule as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
        };
    };
    getAdminWaitingRooms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rooms by id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["WaitingRoom"][];
                    };
                };
            };
        };
    };
    getAdminWaitingRoomsRoom: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The room. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingRoom"];
                };
            };
        };
    };
    putAdminWaitingRoomsRoom: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                room: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    activeCap?: number;
                    activeSeconds?: number;
                    admissionsPerSecond?: number;
                    draining?: boolean;
                    graceSeconds?: number;
                    paused?: boolean;
                    scheduleId?: number | null;
                };
            };
        };
        responses: {
            /** @description The room as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingRoom"];
                };
            };
        };
    };
    getConcerts: {
        parameters: {
            query?: {
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of concerts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Concert"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getConcertsConcertId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                concertId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The concert. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Concert"];
                };
            };
        };
    };
    getConcertsConcertIdSchedules: {
        parameters: {
            query?: {
                /** @description Leaves out what has begun or is closed. */
                bookableOnly?: boolean;
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
            };
            header?: never;
            path: {
                concertId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of schedules. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Schedule"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getOpsDeadLetters: {
        parameters: {
            query?: {
                /** @description Messages of each service looked at; 20 if absent. */
                limit?: number;
                service?: "queue" | "concert" | "reservation" | "wallet" | "payment";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Looked at, not taken out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: {
                            cause: string;
                            count: number;
                            service: string;
                            type: string;
                        }[];
                        items: {
                            attempts: number;
                            body: unknown;
                            causationId: string | null;
                            cause: {
                                message: string;
                                name: string;
                                stack: string;
                            };
                            correlationId: string;
                            firstFailedAt: string | null;
                            messageId: string;
                            originQueue: string | null;
                            parkedAt: string | null;
                            service: string;
                            type: string;
                        }[];
                    };
                };
            };
        };
    };
    getOpsQueues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every queue of the system. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            consumers: number;
                            /** @description Messages waiting. */
                            depth: number;
                            /** @description Null when the queue is empty or unknown. */
                            oldestAgeSeconds: number | null;
                            queue: string;
                            /** @description Messages handed out and not acknowledged yet. */
                            unacknowledged: number;
                        }[];
                    };
                };
            };
        };
    };
    getOpsSagas: {
        parameters: {
            query?: {
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
                paymentId?: number;
                requestId?: string;
                reservationId?: number;
                sagaId?: string;
                state?: "RUNNING" | "COMPLETED" | "COMPENSATING" | "COMPENSATED" | "NEEDS_ATTENTION";
                userId?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of sagas. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Saga"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getOpsSagasSagaId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sagaId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The saga. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        attempt: number;
                        definition: string;
                        nextAskAt: string | null;
                        paymentId: number;
                        reason: string | null;
                        refundId: number | null;
                        requestId: string | null;
                        reservationId: number;
                        /** Format: uuid */
                        sagaId: string;
                        /** Format: date-time */
                        startedAt: string;
                        /** @enum {string} */
                        state: "RUNNING" | "COMPLETED" | "COMPENSATING" | "COMPENSATED" | "NEEDS_ATTENTION";
                        step: string | null;
                        timeline: components["schemas"]["SagaLogEntry"][];
                        /** Format: date-time */
                        updatedAt: string;
                        userId: number;
                    };
                };
            };
        };
    };
    getPayments: {
        parameters: {
            query?: {
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Payment"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postPayments: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the client thinks it costs: checked, and refused when it differs. */
                    amountKrw?: number;
                    reservationId: number;
                };
            };
        };
        responses: {
            /** @description Paid. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Under way: its end shows at the Location. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    getPaymentsPaymentId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                paymentId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        amountKrw: number | null;
                        completedAt: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        failure: string | null;
                        paymentId: number;
                        refundedKrw: number;
                        reservationId: number;
                        scheduleId: number | null;
                        /** @enum {string} */
                        state: "PENDING" | "COMPLETED" | "FAILED" | "PARTIALLY_REFUNDED" | "REFUNDED";
                        steps: components["schemas"]["SagaLogEntry"][];
                        userId: number;
                    };
                };
            };
        };
    };
    getRefunds: {
        parameters: {
            query?: {
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Refund"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postRefunds: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                    reservationId: number;
                    /** @description Absent for every seat that is not refunded yet. */
                    seatNumbers?: number[];
                };
            };
        };
        responses: {
            /** @description The money is on its way for certain. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description Under way: its end shows at the Location. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
        };
    };
    getRefundsRefundId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                refundId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refund. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
        };
    };
    getReservations: {
        parameters: {
            query?: {
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
                scheduleId?: number;
                state?: "HELD" | "PAYING" | "CONFIRMED" | "CANCELLED" | "REFUNDED" | "EXPIRED" | "RELEASED";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Reservation"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postReservations: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    bestAvailable?: number;
                    scheduleId: number;
                    seatNumbers?: number[];
                };
            };
        };
        responses: {
            /** @description The hold. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
        };
    };
    getReservationsReservationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reservationId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reservation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
        };
    };
    deleteReservationsReservationId: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                reservationId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reservation as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
        };
    };
    postReservationsReservationIdExtension: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                reservationId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hold with its new end. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
        };
    };
    getSchedulesScheduleId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scheduleId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
        };
    };
    getSchedulesScheduleIdSeats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scheduleId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The seat map. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        schedule: components["schemas"]["Schedule"];
                        seats: components["schemas"]["Seat"][];
                        seatsVersion: string;
                    };
                };
            };
        };
    };
    postTokens: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default [] */
                    roles?: ("organiser" | "operator")[];
                    userId: number;
                };
            };
        };
        responses: {
            /** @description The token. It is not stored: an Idempotency-Key changes nothing here. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        expiresAt: string;
                        roles: ("organiser" | "operator")[];
                        token: string;
                        /** @constant */
                        tokenType: "Bearer";
                        userId: number;
                    };
                };
            };
        };
    };
    postUsers: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new user. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        userId: number;
                    };
                };
            };
        };
    };
    postWaitingRoomsRoomEntries: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                room: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The place. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingRoomEntry"];
                };
            };
        };
    };
    getWaitingRoomsRoomEntriesMe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The place, live or ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingRoomEntry"];
                };
            };
        };
    };
    deleteWaitingRoomsRoomEntriesMe: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path: {
                room: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The place that was left. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingRoomEntry"];
                };
            };
        };
    };
    getWallet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The wallet. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Wallet"];
                };
            };
        };
    };
    postWalletCharges: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again. Visible ASCII, unique per intent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    amountKrw: number;
                };
            };
        };
        responses: {
            /** @description The balance after it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        balanceKrw: number;
                        entryId: number;
                        userId: number;
                    };
                };
            };
        };
    };
    getWalletEntries: {
        parameters: {
            query?: {
                /** @description The nextCursor of the page before; opaque. */
                cursor?: string;
                /** @description Rows of a page; 20 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["WalletEntry"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
}
