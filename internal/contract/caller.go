package contract

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
)

// caller calls methods of services. Their names are read off the functions
// themselves, so that a call cannot be recorded under another name.
type caller struct {
	ctx    context.Context
	tape   *recorder
	called map[string]bool // names of the methods that succeeded
	errs   []error
}

// do calls a method, with the context before its other arguments, and reads what
// it returns to the end if it is an iterator. It gives the result; nil if there
// is none but the error. nil as an argument is the zero value. That the call
// fails, or sends nothing, is noted as the script's own failure.
func (c *caller) do(method any, args ...any) any {
	name, result, err := c.call(false, method, args)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", name, err))
		return result
	}
	c.called[name] = true
	return result
}

// endless calls a method that goes on until its context ends, with what arg makes
// of a function that ends it.
func (c *caller) endless(method any, arg func(stop func()) any) {
	whole := c.ctx
	defer func() { c.ctx = whole }()
	ctx, stop := context.WithCancel(whole)
	defer stop()
	c.ctx = ctx
	name, _, err := c.call(false, method, []any{arg(stop)})
	if !errors.Is(err, context.Canceled) || whole.Err() != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", name, err))
		return
	}
	c.called[name] = true
}

// fail calls a method that is to be refused by the simulator.
func (c *caller) fail(method any, args ...any) {
	if name, _, err := c.call(true, method, args); err == nil {
		c.errs = append(c.errs, fmt.Errorf("%s: no error, and the script is made for one", name))
	}
}

// try calls a method for what it sends; whether the simulator likes it is not asked.
func (c *caller) try(method any, args ...any) {
	before := c.tape.count()
	if name, _, err := c.call(true, method, args); c.tape.count() == before {
		c.errs = append(c.errs, fmt.Errorf("%s: nothing was sent (%w)", name, err))
	}
}

func (c *caller) call(fails bool, method any, args []any) (name string, result any, err error) {
	f := reflect.ValueOf(method)
	name = methodName(runtime.FuncForPC(f.Pointer()).Name())
	c.tape.begin(name, fails)
	before := c.tape.count()
	in := []reflect.Value{reflect.ValueOf(c.ctx)}
	for i, a := range args {
		v := reflect.ValueOf(a)
		if !v.IsValid() {
			v = reflect.Zero(f.Type().In(min(i+1, f.Type().NumIn()-1)))
		}
		in = append(in, v)
	}
	for i, out := range f.Call(in) {
		switch v := out.Interface().(type) {
		case error:
			err = v
		case nil:
		default:
			if out.Kind() == reflect.Func {
				result, err = drain(out)
			} else if i == 0 {
				result = v
			}
		}
	}
	if err == nil && c.tape.count() == before {
		err = errors.New("nothing was sent")
	}
	return name, result, err
}

// drain reads an iterator of values and errors into a slice.
func drain(list reflect.Value) (any, error) {
	all := reflect.MakeSlice(reflect.SliceOf(list.Type().In(0).In(0)), 0, 0)
	for v, failed := range list.Seq2() {
		if err, _ := failed.Interface().(error); err != nil {
			return all.Interface(), err
		}
		all = reflect.Append(all, v)
	}
	return all.Interface(), nil
}

// methodName makes "Records.Insert" of the name that the compiler gives to a
// method value of *crm.RecordsService.
func methodName(full string) string {
	parts := regexp.MustCompile(`\(\*(\w+?)(?:Service)?\)\.(\w+)-fm$`).FindStringSubmatch(full)
	if parts == nil {
		return full
	}
	return parts[1] + "." + parts[2]
}
