using System.Collections.Immutable;

namespace Sirsi.Wasm.Tests;

/// <summary>Checking a module tells all that is wrong with it.</summary>
public sealed class CheckTests : IDisposable
{
    private readonly WasmEngine _engine = new(TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Every_bad_function_is_told_with_its_place()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], [ModuleWriter.I32]);
        writer.Function("good", type, [0x41, 1]);
        writer.Function("empty", type, []);
        writer.Function("other type", type, [0x42, 1]);
        writer.Function("no local", type, [0x20, 9]);
        ImmutableArray<WasmProblem> problems = _engine.Check(writer.Bytes());
        Assert.Equal(3, problems.Length);
        Assert.Equal(problems.OrderBy(static problem => problem.Offset), problems);
        Assert.All(problems, static problem => Assert.Equal(WasmErrorKind.Invalid, problem.Kind));
        Assert.Equal(3, problems.Select(static problem => problem.Offset).Distinct().Count());
    }

    [Fact]
    public void Nothing_is_wrong_with_a_sound_module()
    {
        var writer = new ModuleWriter();
        writer.Function("f", writer.Type([], [ModuleWriter.I32]), [0x41, 1]);
        Assert.Empty(_engine.Check(writer.Bytes()));
    }

    [Fact]
    public void Problems_are_told_up_to_a_bound()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], [ModuleWriter.I32]);
        for (int i = 0; i < 500; i++) writer.Function($"f{i}", type, []);
        Assert.Equal(101, _engine.Check(writer.Bytes()).Length);
    }

    [Fact]
    public void Checking_and_loading_agree_on_whether_and_on_the_first_problem() => Check.That(20_261_126, 3_000, random =>
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Memory(1, 2);
        writer.Data(8, 1, 2, 3);
        for (int i = 0; i < 3; i++) writer.Function($"f{i}", type, BudgetTests.Fib);
        byte[] module = writer.Bytes();
        for (int i = random.Next(4); i > 0; i--) module[random.Next(8, module.Length)] = (byte)random.Next(256);
        ImmutableArray<WasmProblem> problems = _engine.Check(module);
        try
        {
            _engine.Load(module);
            Assert.Empty(problems);
        }
        catch (WasmException refused)
        {
            Assert.NotEmpty(problems);
            Assert.Equal((refused.Kind, refused.Offset, refused.Message), (problems[0].Kind, problems[0].Offset, problems[0].Message));
        }
    });
}
