using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Hypervisor.LanguageModels;

/// <summary>The one way by which agents' requests reach a language model: capability, limits, time. Thread-safe.</summary>
internal sealed class AgentModels : IDisposable
{
    public const string Capability = "model.complete";

    private readonly ILanguageModel _model;
    private readonly ModelOptions _options;
    private readonly TimeProvider _time;
    private readonly ResourceGovernor _places;
    private long _requests, _refused, _tokensIn, _tokensOut, _money;

    public AgentModels(ILanguageModel model, ModelOptions options, HostEnvironment environment)
    {
        (_model, _options, _time) = (model, options, environment.Time);
        _places = new ResourceGovernor("completions", new GovernorOptions { PermitsMax = options.RequestsMax, WaitingMax = options.WaitingMax }, environment);
    }

    public bool HonoursKeys => _model.HonoursKeys;

    public ModelUse Use => new(
        Interlocked.Read(ref _requests), Interlocked.Read(ref _refused), Interlocked.Read(ref _tokensIn), Interlocked.Read(ref _tokensOut), Interlocked.Read(ref _money));

    /// <summary>The most it can cost; null when it will be refused.</summary>
    public ModelCost? Most(ModelRequest request) => Excess(request) is null ? _model.Most(request) : null;

    /// <summary>Asks for an agent.</summary>
    /// <param name="agent">Whose request it is.</param>
    /// <param name="request">A valid one.</param>
    /// <param name="key">Its idempotency key.</param>
    /// <param name="cancellation">Called for when the agent's turn is over.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellation"/>.</exception>
    public async Task<ModelAnswer> CompleteAsync(Agent agent, ModelRequest request, string key, CancellationToken cancellation)
    {
        if (!agent.May(Capability, request.Model)) return Counted(ModelAnswer.Without(ModelOutcome.Refused, $"'{agent.Id}' may not ask '{request.Model}': it has no capability {Capability}:{request.Model}."));
        if (Excess(request) is { } excess) return Counted(ModelAnswer.Without(ModelOutcome.Refused, excess));
        if (_model.Most(request) is null) return Counted(ModelAnswer.Without(ModelOutcome.Refused, $"There is no model '{request.Model}'."));
        using var late = new CancellationTokenSource(_options.Timeout, _time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        bool isAsked = false;
        try
        {
            using OperationPermit place = await _places.AcquireAsync(OperationKind.Network, over.Token);
            isAsked = true;
            Interlocked.Increment(ref _requests);
            return Counted(Checked(await _model.CompleteAsync(request, key, over.Token).WaitAsync(over.Token)));
        }
        catch (CoreException full) when (!isAsked && (full.Code == CoreErrors.GovernorQueueFull || full.Code == CoreErrors.GovernorClosed))
        {
            return ModelAnswer.Without(ModelOutcome.Busy, $"The host has {_options.RequestsMax} completions under way and {_options.WaitingMax} waiting, and takes no more now.");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return ModelAnswer.Without(isAsked ? ModelOutcome.TimedOut : ModelOutcome.Busy, $"The completion took longer than {_options.Timeout}.");
        }
#pragma warning disable CA1031 // Whatever a provider throws is an answer that is none; its text may quote what it was configured with.
        catch (Exception failure) when (isAsked)
#pragma warning restore CA1031
        {
            cancellation.ThrowIfCancellationRequested();
            return ModelAnswer.Without(ModelOutcome.Broken, $"The provider of '{request.Model}' failed with {failure.GetType().Name}.");
        }
    }

    public void Dispose() => _places.Dispose();

    private string? Excess(ModelRequest request) =>
        request.Characters > _options.RequestCharactersMax ? $"The request has {request.Characters} characters; at most {_options.RequestCharactersMax} are sent."
        : request.OutputTokensMax > _options.OutputTokensMax ? $"The answer is to have {request.OutputTokensMax} tokens; at most {_options.OutputTokensMax} are asked for."
        : null;

    private ModelAnswer Checked(ModelAnswer? answer)
    {
        if (answer is not { IsSound: true }) return ModelAnswer.Without(ModelOutcome.Broken, "The provider's answer is none.");
        if (answer.Text.Length > _options.AnswerCharactersMax)
            return answer with { Outcome = ModelOutcome.TooLarge, Text = "", Reason = $"The answer has more than {_options.AnswerCharactersMax} characters." };
        return answer.Reason.Length <= ModelAnswer.ReasonLengthMax ? answer : answer with { Reason = answer.Reason[..ModelAnswer.ReasonLengthMax] };
    }

    private ModelAnswer Counted(ModelAnswer answer)
    {
        if (answer.Outcome is ModelOutcome.Refused) Interlocked.Increment(ref _refused);
        Interlocked.Add(ref _tokensIn, answer.TokensIn);
        Interlocked.Add(ref _tokensOut, answer.TokensOut);
        Interlocked.Add(ref _money, answer.Money);
        return answer;
    }
}
