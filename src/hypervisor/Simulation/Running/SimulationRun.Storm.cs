namespace Sirsi.Simulation.Running;

/// <summary>When the process ends and the clock jumps: after numbers of steps that are drawn, so between any two of them.</summary>
internal sealed partial class SimulationRun
{
    /// <summary>Steps to the next blow, at most; short ways are as likely as long ones.</summary>
    private const int StepsBetween = 3_000;

    private int _crashesLeft;
    private int _jumpsLeft;
    private int _stepsToCrash;
    private int _stepsToJump;
    private int _stepsAfter;

    private void BeginStorm()
    {
        _weather.IsCalm = false;
        _crashesLeft = _weather.Next(_weather.Faults.CrashesMax + 1);
        _jumpsLeft = _weather.Next(_weather.Faults.ClockJumpsMax + 1);
        _stepsToCrash = _weather.Spread(StepsBetween);
        _stepsToJump = _weather.Spread(StepsBetween);
        // The storm goes on for a while when the clients are done.
        _stepsAfter = _weather.Spread(200);
        _isPrepared = true;
        BeginToAct();
    }

    private void Calm()
    {
        _weather.IsCalm = true;
        _world.Note($"Faults have stopped.");
    }

    private void Strike()
    {
        if (_jumpsLeft > 0 && --_stepsToJump <= 0) Jump();
        if (_crashesLeft == 0 || --_stepsToCrash > 0 || _phase is Phase.Down) return;
        _crashesLeft--;
        _stepsToCrash = _weather.Spread(StepsBetween);
        switch (_weather.Next(5))
        {
            case 0 when _phase is Phase.Up:
                _phase = Phase.Stopping;
                _world.Note($"The host is asked to stop.");
                _stopping = _world.Environment.Executor.RunAsync(() => _world.Host.DisposeAsync().AsTask());
                break;
            case 1:
                End(losesPower: false, "is killed");
                break;
            default:
                End(losesPower: true, "is gone with the power");
                break;
        }
    }

    private void Jump()
    {
        _jumpsLeft--;
        _stepsToJump = _weather.Spread(StepsBetween);
        TimeSpan error = _weather.UpTo(_weather.Faults.ClockJumpMax);
        if (_process is null || error == TimeSpan.Zero) return;
        bool isAhead = _weather.Next(2) == 0;
        _process.ClockError = isAhead ? error : -error;
        _world.Note($"The clock jumps: it is {error} {(isAhead ? "ahead" : "behind")} now.");
    }
}
