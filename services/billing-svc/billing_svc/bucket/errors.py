"""Why a bucket is not changed, or not found."""

from dualbus_kit.errors import Conflict, NotFound


class BucketNotFound(NotFound):
    code = "bucketNotFound"
    reason = "The bucket does not exist"


class AccumulatedBalanceNotFound(NotFound):
    code = "accumulatedBalanceNotFound"
    reason = "The accumulated balance does not exist"


class BalanceRefused(Conflict):
    """The kind of all of them below: nothing was changed on any bucket."""

    code = "balanceRefused"
    reason = "The bucket does not allow this"


class BalanceNotCovered(BalanceRefused):
    code = "balanceNotCovered"
    reason = "There is not as much available on the bucket"


class BalanceNotExact(BalanceRefused):
    code = "balanceNotExact"
    reason = "The bucket would hold a number that JSON can't carry exactly"


class BucketExpired(BalanceRefused):
    code = "bucketExpired"
    reason = "The bucket is no longer valid"


class BucketUnknown(BalanceRefused):
    code = "bucketUnknown"
    reason = "The bucket that the action names does not exist"


class BucketOfAnother(BalanceRefused):
    code = "bucketOfAnother"
    reason = "The bucket belongs to another account"


class WrongUnits(BalanceRefused):
    code = "wrongUnits"
    reason = "The bucket is kept in other units"


class WrongUsageType(BalanceRefused):
    code = "wrongUsageType"
    reason = "The bucket is for another type of usage"


class SameBucket(BalanceRefused):
    code = "sameBucket"
    reason = "A transfer is between two buckets"


class ReservationOver(BalanceRefused):
    code = "reservationOver"
    reason = "The period of the reservation is over"
