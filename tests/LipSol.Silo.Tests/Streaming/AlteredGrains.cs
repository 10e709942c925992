using System.Reflection;

namespace LipSol.Silo.Tests.Streaming;

/// <summary>The grains of a node, of which those of one kind answer as the test says.</summary>
internal static class AlteredGrains
{
    /// <param name="grains">The node's.</param>
    /// <param name="answer">Makes an answer, of the grain's own where it calls for that.</param>
    public static IGrainFactory With<TGrain, TAnswer>(this IGrainFactory grains, Func<Func<Task<TAnswer>>, Task<TAnswer>> answer)
        where TGrain : class, IAddressable =>
        Altered(grains, (factory, call) => factory.IsGenericMethod && factory.GetGenericArguments()[0] == typeof(TGrain)
            ? Altered((TGrain)call()!, (method, own) => method.ReturnType == typeof(Task<TAnswer>) ? answer(() => (Task<TAnswer>)own()!) : own())
            : call());

    private static T Altered<T>(T own, Func<MethodInfo, Func<object?>, object?> call) where T : class
    {
        var altered = DispatchProxy.Create<T, Proxy>();
        ((Proxy)(object)altered).Call = (method, arguments) => call(method, () => method.Invoke(own, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        return altered;
    }

    private class Proxy : DispatchProxy
    {
        public Func<MethodInfo, object?[]?, object?> Call { get; set; } = null!;

        protected override object? Invoke(MethodInfo? method, object?[]? arguments) => Call(method!, arguments);
    }
}
