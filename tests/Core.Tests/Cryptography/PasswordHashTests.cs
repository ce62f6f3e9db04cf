using Sirsi.Core.Cryptography.Passwords;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Tests.Cryptography;

public class PasswordHashTests
{
    private static readonly Argon2Options Small = new() { MemoryKiB = 64, Iterations = 2, Lanes = 2 };
    private static readonly Argon2Limits Limits = new();

    // Made by the reference implementation's command: password "password", salt "somesalt" (its own test suite).
    [Theory]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8")]
    public void Hashes_of_the_reference_implementation_verify(string stored)
    {
        Assert.NotEqual(PasswordVerdict.Wrong, PasswordHash.Verify(stored, "password", Small, Limits));
        Assert.Equal(PasswordVerdict.Wrong, PasswordHash.Verify(stored, "passworD", Small, Limits));
    }

    [Fact]
    public void What_is_created_verifies_and_says_when_it_is_outdated()
    {
        string stored = PasswordHash.Create("pässwörd", Small, new Random(1).NextBytes);
        Assert.StartsWith("$argon2id$v=19$m=64,t=2,p=2$", stored, StringComparison.Ordinal);
        Assert.Equal(PasswordVerdict.Right, PasswordHash.Verify(stored, "pässwörd", Small, Limits));
        Assert.Equal(PasswordVerdict.RightButOutdated, PasswordHash.Verify(stored, "pässwörd", Small with { Iterations = 3 }, Limits));
        Assert.Equal(PasswordVerdict.Wrong, PasswordHash.Verify(stored, "passwörd", Small, Limits));
        Assert.NotEqual(stored, PasswordHash.Create("pässwörd", Small, new Random(2).NextBytes), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$argon2id$v=16$m=64,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2x$v=19$m=64,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=064,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=-2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=200$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=2$c2$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=2$c29tZXNhbHQ=$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=2$c29tZXNhbHQ$")]
    [InlineData("$argon2id$v=19$m=99999999999,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDd")]
    public void A_damaged_hash_is_unreadable(string stored)
    {
        var failure = Assert.Throws<CoreException>(() => PasswordHash.Verify(stored, "p", Small, Limits));
        Assert.Equal(1063, failure.Code.Number);
    }

    [Theory]
    [InlineData("$argon2id$v=19$m=2147483647,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    [InlineData("$argon2id$v=19$m=64,t=2147483647,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    public void A_hash_that_asks_for_too_much_is_refused_before_memory_is_spent(string stored)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var failure = Assert.Throws<CoreException>(() => PasswordHash.Verify(stored, "p", Small, Limits));
        Assert.Equal(1064, failure.Code.Number);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }
}
