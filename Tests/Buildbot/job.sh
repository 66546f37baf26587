#!/bin/sh
# A job as an operator's own might be. What people typed comes as variables, and is never a part of a command.
#   $FOLDER/starts      a line for each start
#   $FOLDER/go-$NAME    what the mode `hold` waits for
#   $OUT                what the build hands out as links
set -eu
mkdir -p "$OUT"
echo "$KILN_ATTEMPT" >>"$FOLDER/starts"

image() {
    printf 'An image for %s (%s), attempt %s\n' "$NAME" "$TARGET" "$KILN_ATTEMPT"
}

say_secrets() {
    # A careless job: Kiln has to keep these out of everything that it shows.
    echo "the address is $KILN_URL/inputs.tar.gz"
    curl -fsS "$KILN_URL/build.json" >"$FOLDER/build-$KILN_ATTEMPT.json"
    echo "the token is $(sed -n 's/^    "token": "\(.*\)"$/\1/p' "$FOLDER/build-$KILN_ATTEMPT.json")"
    echo "the password is ci-secret"
}

echo "run starts"
echo "==> 20 Compiling"
sleep "$LASTS"
case $MODE in
    plain) ;;
    hold) while [ ! -e "$FOLDER/go-$NAME" ]; do sleep 0.05; done ;;
    fail)
        echo "compiling paint.c"
        echo "paint.c:12:5: error: 'brush' undeclared (first use in this function)" >&2
        echo "make: *** [Makefile:3: paint.o] Error 1" >&2
        exit 2
        ;;
    secrets) say_secrets ;;
    report)
        kiln-report fetch "$OUT/../inputs"
        kiln-report phase "Baking \"it\"" 40
        { echo "a line of the job's own log"; say_secrets; } >"$OUT/../log" 2>&1
        kiln-report log "$OUT/../log"
        image >"$OUT/../image.txt"
        kiln-report upload "$OUT/../image.txt"
        while [ ! -e "$FOLDER/go-$NAME" ]; do sleep 0.02; done
        date +%s%N >"$FOLDER/done-$KILN_ATTEMPT"
        kiln-report "done"
        # The run at Buildbot goes on: it is the report that counts.
        sleep 3
        exit 0
        ;;
    complain)
        kiln-report failed "There is no clay of that name."
        exit 1
        ;;
    flood) yes "a line of the flood, and it goes on and on and on, until somebody stops it: 0123456789" | head -c "${NAME##* }" ;;
esac
echo "==> 80 Packing"
image >"$OUT/image.txt"
