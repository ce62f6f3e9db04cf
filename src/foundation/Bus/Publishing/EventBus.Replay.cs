using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Publishing;

public sealed partial class EventBus
{
    /// <summary>
    /// Publishes a group's dead letters again, each under a new id and with a header naming the letter; gives how many. Those that come meanwhile wait for
    /// the next time; a letter is published again once, unless the process ends in the middle.
    /// </summary>
    /// <param name="scope">Whose.</param>
    /// <param name="group">The group that could not process them.</param>
    /// <param name="subject">Only letters whose events had a subject of this pattern; all by default.</param>
    /// <param name="cancellation">Stops after the letter at hand.</param>
    /// <exception cref="BusException">The driver fails.</exception>
    public async ValueTask<int> ReplayDeadLettersAsync(TopicScope scope, string group, string subject = ">", CancellationToken cancellation = default)
    {
        var letters = new LogName(scope, LogName.DeadLetterArea);
        GroupOptions options = ReplayGroup(scope, group);
        var wanted = new EventFilter(scope, DeadLetter.SubjectOf(group, subject));
        await using EventConsumer consumer = await JoinAsync(options, cancellation);
        long left = (await StatusAsync(letters, options.Name, cancellation))?.Lag ?? 0;
        int replayed = 0;
        for (var delivery = new Delivery[1]; left > 0; left--)
        {
            await consumer.ReceiveAsync(delivery, cancellation);
            if (wanted.Matches(delivery[0].Event))
            {
                await PublishAsync(DeadLetter.Revive(delivery[0].Event, group), cancellation);
                replayed++;
            }

            consumer.Acknowledge(delivery[0]);
        }

        await consumer.FlushAsync(cancellation);
        return replayed;
    }

    private static GroupOptions ReplayGroup(TopicScope scope, string group) => new()
    {
        Name = ReplayName(group),
        Filter = new EventFilter(scope, DeadLetter.SubjectOf(group, ">")),
        Window = 256,
    };

    /// <summary>A group's name may be as long as a name can be: then its end gives way.</summary>
    private static string ReplayName(string group)
    {
        const string prefix = "replay-";
        string name = prefix + group;
        return name.Length <= TopicParts.PartLengthMax ? name
            : $"{name[..(TopicParts.PartLengthMax - 17)]}-{Partitioning.HashOf(System.Text.Encoding.UTF8.GetBytes(group)):x16}";
    }
}
