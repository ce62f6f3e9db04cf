namespace Sirsi.Hypervisor.Tests;

public sealed class ErrorTests
{
    [Fact]
    public void A_failure_carries_its_code_and_its_cause()
    {
        var cause = new IOException("the disk is gone");
        var failure = new HypervisorException(HypervisorErrors.QuotaExceeded, "The session has 100 agents, which is its quota.", cause);
        Assert.Equal(3001, failure.Code.Number);
        Assert.Same(cause, failure.InnerException);
    }
}
