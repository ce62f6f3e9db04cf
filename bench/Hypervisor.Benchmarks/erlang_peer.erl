%% The same work done by Erlang processes: pairs that send each other a counter, and spawning.
%% Prints "pairs N messages M seconds S" and "spawn N seconds S bytes B".
-module(erlang_peer).
-export([main/1]).

main([What, A, B]) ->
    run(What, list_to_integer(A), list_to_integer(B)),
    halt(0).

run("pairs", Pairs, Rounds) ->
    pairs(Pairs, Rounds div 10),
    {Time, ok} = timer:tc(fun() -> pairs(Pairs, Rounds) end),
    io:format("~p~n", [Time / 1000000]);
run("spawn", Count, _) ->
    erlang:garbage_collect(),
    Before = erlang:memory(processes),
    Self = self(),
    {Time, Pids} = timer:tc(fun() -> [spawn(fun() -> Self ! ready, receive stop -> ok end end) || _ <- lists:seq(1, Count)] end),
    [receive ready -> ok end || _ <- Pids],
    After = erlang:memory(processes),
    io:format("~p ~p~n", [Time / 1000000, (After - Before) div Count]),
    [P ! stop || P <- Pids].

pairs(Pairs, Rounds) ->
    Self = self(),
    [spawn(fun() ->
        Pong = spawn(fun() -> pong() end),
        ping(Pong, Rounds),
        Self ! done
    end) || _ <- lists:seq(1, Pairs)],
    [receive done -> ok end || _ <- lists:seq(1, Pairs)],
    ok.

ping(Pong, 0) -> Pong ! stop;
ping(Pong, N) ->
    Pong ! {self(), N},
    receive {_, N} -> ping(Pong, N - 1) end.

pong() ->
    receive
        {From, N} -> From ! {self(), N}, pong();
        stop -> ok
    end.
